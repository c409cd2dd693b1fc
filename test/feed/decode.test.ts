import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { parseFeed } from '../../src/feed/parse.ts';

const TEXTS = {
  sr: [
    'Srpska vojska učestvuje u vežbi „Štit“ na Pešteru – Đorđe Žižić',
    'windows-1250',
    'iso-8859-2',
    'https://vesti.rs/x',
  ],
  'sr-Cyrl': [
    'Војска Србије учествује у вежби на Пештеру; Ђорђе Љубичић и Џонић',
    'windows-1251',
    'iso-8859-5',
    'https://vesti.rs/x',
  ],
  bg: [
    'Министърът на отбраната подписа споразумение с щаба на съюзниците',
    'windows-1251',
    'koi8-r',
    'https://vesti.bg/x',
  ],
  mk: [
    'Ѓорѓи Ќосевски, министер за одбрана, потпиша договор за вежба',
    'windows-1251',
    'iso-8859-5',
    'https://vesti.mk/x',
  ],
  el: [
    'Ο υπουργός Άμυνας υπέγραψε συμφωνία για κοινή άσκηση στην Ήπειρο',
    'windows-1253',
    'iso-8859-7',
    'https://nea.gr/x',
  ],
  tr: [
    'Türkiye ile Bulgaristan arasında askerî iş birliği anlaşması imzalandı, Ağrı',
    'windows-1254',
    'iso-8859-9',
    'https://haber.com.tr/x',
  ],
  hu: [
    'A honvédelmi miniszter aláírta az együttműködési megállapodást, hűség',
    'windows-1250',
    'iso-8859-2',
    'https://hirek.hu/x',
  ],
} as const;

const document = (title: string, declaration = '<?xml version="1.0"?>') =>
  `${declaration}<rss version="2.0"><channel><title>x</title><item><title>${title}</title><link>https://vesti.example/1</link><description>${title}.</description></item></channel></rss>`;
const titleOf = async (bytes: Uint8Array, options = {}) => (await parseFeed(bytes, options)).items[0]?.title;

describe.each(Object.entries(TEXTS))('%s', (_, [text, windows, iso, url]) => {
  it.each([windows, iso])('in %s as the document declares, HTTP silent or wrong', async (encoding) => {
    const bytes = iconv.encode(document(text, `<?xml version="1.0" encoding="${encoding}"?>`), encoding);
    const plain = text.replace(/[„“–]/g, encoding === windows ? '$&' : '?');
    expect(await titleOf(bytes)).toBe(plain);
    expect(await titleOf(bytes, { contentType: 'text/xml; charset=utf-8' })).toBe(plain);
    expect(await titleOf(bytes, { contentType: 'text/xml; charset=ISO-8859-1' })).toBe(plain);
  });

  it('as HTTP says, the document being wrong', async () => {
    const bytes = iconv.encode(document(text, '<?xml version="1.0" encoding="utf-8"?>'), windows);
    expect(await titleOf(bytes, { contentType: `text/xml; charset="${windows}"` })).toBe(text);
  });

  it('undeclared, by the letters', async () => {
    expect(await titleOf(iconv.encode(document(text), windows), { url })).toBe(text);
  });

  it('in UTF-8 that says otherwise', async () => {
    const bytes = Buffer.from(document(text, `<?xml version="1.0" encoding="${windows}"?>`));
    expect(await titleOf(bytes, { contentType: `text/xml; charset=${windows}` })).toBe(text);
  });

  it('in UTF-16 of either order, with mark or without', async () => {
    for (const encoding of ['utf-16le', 'utf-16be']) {
      expect(await titleOf(iconv.encode(document(text), encoding))).toBe(text);
      expect(await titleOf(iconv.encode(document(text), encoding, { addBOM: true }))).toBe(text);
    }
  });
});

describe('a declared encoding that can only be a lie', () => {
  const lie = '<?xml version="1.0" encoding="iso-8859-1"?>';

  it('gives way to the letters: Cyrillic and Greek anywhere, Latin where the country writes so', async () => {
    expect(await titleOf(iconv.encode(document(TEXTS.bg[0], lie), 'windows-1251'))).toBe(TEXTS.bg[0]);
    expect(await titleOf(iconv.encode(document(TEXTS.el[0], lie), 'iso-8859-7'))).toBe(TEXTS.el[0]);
    const latin = iconv.encode(document(TEXTS.sr[0], lie), 'windows-1250');
    expect(await titleOf(latin, { outletCountry: 'RS' })).toBe(TEXTS.sr[0]);
  });

  it.each([
    'A São Tomé não há razão, coração, ações e mãos',
    'Où est passée la forêt à côté',
    'Größe, Maß und Übermut für Söldner',
    '£5',
  ])('is believed where it may be true: %s', async (text) => {
    expect(await titleOf(iconv.encode(document(text, lie), 'windows-1252'))).toBe(text);
  });
});

it.each(['cp1251', 'CP-1251', 'win-1251', 'x-cp1251', 'Windows1251', 'windows_1251'])(
  '%s is windows-1251',
  async (label) => {
    const bytes = iconv.encode(document('Војска', `<?xml version='1.0' encoding='${label}'?>`), 'windows-1251');
    expect(await titleOf(bytes)).toBe('Војска');
  },
);

describe('damage', () => {
  it('to one letter of UTF-8 costs that letter', async () => {
    const bytes = Buffer.from(document('Војска Србије је на вежби'));
    const at = bytes.indexOf(Buffer.from('Србије'));
    const cut = Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at + 2)]);
    expect((await titleOf(cut))?.replace(/\ufffd/g, '')).toBe('Војска рбије је на вежби');
  });

  it('of one field in another encoding is mended in that field', async () => {
    const [head, tail] = document('@').split('<title>@</title>');
    const title = iconv.encode('<title>Министар одбране</title>', 'windows-1251');
    const bytes = Buffer.concat([
      Buffer.from(head!),
      title,
      Buffer.from(tail!.replace('@.', 'Војска Србије учествује у вежби са суседима и савезницима')),
    ]);
    expect(await titleOf(bytes)).toBe('Министар одбране');
  });

  it('by NUL and stray marks leaves the words whole', async () => {
    expect(await titleOf(Buffer.from(document('Voj\u0000ska\ufeff Srbije')))).toBe('Vojska Srbije');
  });
});

describe('UTF-8 that was read as a legacy encoding and written again', () => {
  it.each(['windows-1252', 'windows-1250', 'windows-1251'])(
    'is repaired where that is certain (%s)',
    async (encoding) => {
      const text = encoding === 'windows-1251' ? 'Војска Србије' : 'Škola i žetva, ćevapčići';
      const mangled = [...Buffer.from(text)].map((byte) => {
        const letter = iconv.decode(Buffer.from([byte]), encoding);
        return letter === '\ufffd' ? String.fromCharCode(byte) : letter;
      });
      expect(await titleOf(Buffer.from(document(mangled.join(''))))).toBe(text);
    },
  );

  it.each(['Ãngela Sá', 'РС и ФБиХ', 'Ä‡ i prava ćirilica', 'Șăâî', 'ΤΡΑΠΕΖΑ Ô', 'С њим', 'Сјај и Њујорк'])(
    'leaves %s alone',
    async (text) => {
      expect(await titleOf(Buffer.from(document(text)))).toBe(text);
    },
  );
});
