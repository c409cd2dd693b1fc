// <read-next article="https://…" limit="4" lang="en"></read-next>: a Read next list on any page.
// No dependency, no cookie, no third party. Works under a strict CSP that names only this file's origin (script-src, connect-src):
// styles are a constructed sheet and everything from outside is set as text. To style it: --read-next-* properties and ::part().
(() => {
  const home = new URL(
    document.currentScript ? document.currentScript.src : document.querySelector('script[src*="/embed.js"]').src,
  ).origin;
  const WORDS = {
    bg: 'Прочетете още',
    bs: 'Pročitajte i',
    cnr: 'Pročitajte i',
    el: 'Διαβάστε επίσης',
    en: 'Read next',
    hr: 'Pročitajte i',
    hu: 'Olvassa tovább',
    mk: 'Прочитајте и',
    ro: 'Citiți și',
    sl: 'Preberite tudi',
    sq: 'Lexo edhe',
    sr: 'Pročitajte i',
    'sr-Cyrl': 'Прочитајте и',
    tr: 'Bunları da okuyun',
  };
  const sheet = new CSSStyleSheet();
  // Every entry has the same height, so the room that is reserved is the room that is taken, and nothing on the page moves.
  sheet.replaceSync(`
    :host { display: block; contain: content; color: var(--read-next-color, inherit); font-family: var(--read-next-font, inherit); }
    :host([hidden]) { display: none; }
    h2 { margin: 0; height: 2.25rem; font: 600 .9rem/2.25rem var(--read-next-font, inherit); border-bottom: 1px solid; }
    ol { margin: 0; padding: 0; list-style: none; }
    li { box-sizing: border-box; height: 7.25rem; padding: .7rem 0; border-bottom: 1px solid var(--read-next-rule, color-mix(in srgb, currentColor 25%, transparent)); overflow: hidden; }
    li:last-child { border-bottom: 0; }
    p { margin: 0; height: 1.4rem; font-size: .8rem; line-height: 1.4rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
    time { display: inline-block; min-width: 3.2em; font-variant-numeric: tabular-nums; opacity: .8; }
    b { color: var(--read-next-accent, inherit); margin-inline-start: .4em; }
    a { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; font-size: 1rem; line-height: 1.4rem; color: inherit; text-decoration: none; unicode-bidi: isolate; }
    a:hover { text-decoration: underline; }
    a:focus-visible { outline: 2px solid; outline-offset: -2px; }`);
  const make = (name, text, part) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (part) made.setAttribute('part', part);
    return made;
  };

  class ReadNext extends HTMLElement {
    static observedAttributes = ['article', 'limit', 'lang'];
    #room = this.attachShadow({ mode: 'open' });
    #asked;

    connectedCallback() {
      this.#room.adoptedStyleSheets = [sheet];
      this.#ask();
    }

    attributeChangedCallback(_, before, now) {
      if (this.isConnected && before !== null && before !== now) this.#ask();
    }

    get #limit() {
      return Math.min(24, Math.max(1, Number.parseInt(this.getAttribute('limit'), 10) || 4));
    }

    async #ask() {
      const canonical = document.querySelector('link[rel=canonical]');
      const article = this.getAttribute('article') || canonical?.href || location.href;
      const query = new URLSearchParams({ url: article, limit: this.#limit });
      const lang = /^[a-z]{2,3}(-[A-Z][a-z]{3})?/.exec(this.lang); // sr-Latn-RS is asked as sr-Latn
      if (lang) query.set('lang', lang[0]);
      const asked = `${home}/v1/read-next?${query}`;
      this.#asked = asked;
      this.style.minHeight = `${2.25 + 7.25 * this.#limit}rem`;
      try {
        const answer = await fetch(asked, { credentials: 'omit', referrerPolicy: 'no-referrer' });
        const { items } = await answer.json();
        if (this.#asked === asked) this.#show(answer.ok ? items : []);
      } catch {
        if (this.#asked === asked) this.#show([]);
      }
    }

    #show(items) {
      const entries = items.map((item) => this.#entry(item)).filter(Boolean);
      this.#room.replaceChildren();
      if (entries.length) {
        const list = make('ol', '', 'list');
        list.append(...entries);
        const section = make('section');
        const title = WORDS[this.lang] || WORDS[this.lang.split('-')[0]] || WORDS.en;
        section.setAttribute('aria-label', title);
        section.append(make('h2', title, 'title'), list);
        this.#room.append(section);
      }
      // Fewer than there was room for: the rest is given back only where nobody sees the page move.
      if (entries.length < this.#limit && this.getBoundingClientRect().top > innerHeight) this.style.minHeight = '';
      this.dispatchEvent(new CustomEvent('read-next', { bubbles: true, detail: { shown: entries.length } }));
    }

    #entry({ url, title, lead, kicker, lang, published_at }) {
      if (!/^https?:/i.test(url)) return null;
      const entry = make('li', '', 'entry');
      const over = make('p', '', 'over');
      if (published_at) {
        const at = new Date(published_at);
        const time = make(
          'time',
          at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
          'time',
        );
        time.dateTime = published_at;
        time.title = at.toLocaleDateString([], { dateStyle: 'long' });
        over.append(time);
      }
      if (kicker) over.append(make('b', kicker, 'kicker'));
      const link = make('a', (lead || title).replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ''), 'lead');
      link.href = url;
      link.lang = lang;
      entry.append(over, link);
      return entry;
    }
  }
  if (!customElements.get('read-next')) customElements.define('read-next', ReadNext);
})();
