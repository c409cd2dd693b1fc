/**
 * Month names of the region's languages and of the larger ones around it, folded (lower case, no accents, `đ` as `d`,
 * final sigma as sigma). Each entry is the shortest beginning that names the month; declined and cut forms follow from it.
 */
const MONTHS: readonly string[] = [
  'jan sij ian oca ιαν јан яну янв ene gen styc led січ ιανου',
  'feb velj sub fev φεβ феб фев fév lut úno shk лют',
  'mar ozu мар μαρ märz maerz brez',
  'apr tra nis απρ апр prill pri avr abr kvet kwi кві',
  'maj may mai svi mag μαι μαϊ мај май mayis ma̋j',
  'jun lip haz iun ιουν јун юни июн qer juin giu cer чер',
  'jul srp tem iul ιουλ јул юли июл korr kor juil lug липн',
  'aug kol avg ag αυγ авг gus gush aou ago srpnja серп',
  'sep ruj eyl σεπ септ сен set sht wrz вер',
  'okt lis eki oct οκτ окт tet out ott paz жов',
  'nov stu kas noi noe νοε ное нов nen лис',
  'dec pro ara dez δεκ дек dhj dic déc gru гру',
];

const byWord = new Map<string, number>();
MONTHS.forEach((words, index) => {
  for (const word of words.split(' ')) byWord.set(foldWord(word), index + 1);
});
// The same beginning in two languages: the region's meaning stands, and "srpnja" is Croatian July.
for (const [word, month] of [
  ['srpnja', 7],
  ['lip', 6],
  ['липн', 7],
  ['лис', 11],
  ['cer', 6],
] as const)
  byWord.set(word, month);

/** Words that begin like a month and are days of the week or parts of a sentence. */
const NOT_MONTHS = new Set(
  ['marti', 'marte', 'mardi', 'martedi', 'subota', 'subotu', 'sreda', 'prosinac'].filter((word) => word !== 'prosinac'),
);

/** 1–12 for a (folded) word that is or begins with a month's name, else 0. */
export function monthOf(word: string): number {
  if (NOT_MONTHS.has(word)) return 0;
  for (let length = Math.min(word.length, 6); length >= 2; length--) {
    const month = byWord.get(word.slice(0, length));
    if (month !== undefined && (length >= 3 || word.length === length)) return month;
  }
  return 0;
}

/** Lower case without accents, so that `Siječnja`, `Μαΐου` and `ŞUBAT` meet the table. */
export function foldWord(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/đ/g, 'd')
    .replace(/ı/g, 'i')
    .replace(/ς/g, 'σ');
}

/** Zone names → minutes east of Greenwich. `CST` and `IST` are read as America's and India's, as mail does. */
export const ZONES: Readonly<Record<string, number>> = {
  ...{
    z: 0,
    gmt: 0,
    ut: 0,
    utc: 0,
    uct: 0,
    zulu: 0,
    wet: 0,
    west: 60,
    bst: 60,
    ist: 330,
    cet: 60,
    cest: 120,
    met: 60,
    mest: 120,
    mez: 60,
    mesz: 120,
  },
  ...{
    eet: 120,
    eest: 180,
    trt: 180,
    msk: 180,
    msd: 240,
    gst: 240,
    pkt: 300,
    ict: 420,
    wib: 420,
    hkt: 480,
    sgt: 480,
    awst: 480,
    jst: 540,
    kst: 540,
  },
  ...{
    acst: 570,
    acdt: 630,
    aest: 600,
    aedt: 660,
    nzst: 720,
    nzdt: 780,
    nst: -210,
    ndt: -150,
    ast: -240,
    adt: -180,
    at: -240,
    est: -300,
    edt: -240,
    et: -300,
  },
  ...{
    cst: -360,
    cdt: -300,
    ct: -360,
    mst: -420,
    mdt: -360,
    mt: -420,
    pst: -480,
    pdt: -420,
    pt: -480,
    akst: -540,
    akdt: -480,
    hst: -600,
    brt: -180,
    art: -180,
  },
};
