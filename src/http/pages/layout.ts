import { type Html, html } from './html.ts';
import { longDay } from './times.ts';

export type Page = {
  readonly title: string;
  /** Which entry of the navigation this is. */
  readonly here?: 'stories' | 'matrix' | 'ops' | null;
  readonly now: Date;
  readonly timeZone: string;
  readonly body: Html;
  /** For search engines and link previews. */
  readonly description?: string;
};

/** A whole page. Everything it loads is two small files of this very service; it works without the script. */
export function page({ title, here = null, now, timeZone, body, description }: Page): string {
  const link = (name: Page['here'], href: string, text: string) =>
    html`<li><a href="${href}"${here === name && html` aria-current="page"`}>${text}</a></li>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${description && html`<meta name="description" content="${description}">`}
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/page.css">
<link rel="alternate" type="application/atom+xml" title="glasnik" href="/feed.atom">
<script src="/static/page.js" defer></script>
</head>
<body>
<a class="skip" href="#content">To the stories</a>
<header class="masthead">
<p class="masthead__day"><time datetime="${now.toISOString()}" data-keep>${longDay(now, timeZone)}</time></p>
<p class="masthead__name"><a href="/">Glasnik</a></p>
<p class="masthead__about">Defence cooperation in the Balkans, as the region’s newsrooms report it</p>
<nav aria-label="Pages"><ul class="nav">
${link('stories', '/', 'Stories')}
${link('matrix', '/matrix', 'Who with whom')}
<li><a href="/feed.rss">RSS</a></li>
<li><a href="/openapi.json">API</a></li>
</ul></nav>
</header>
<main id="content">
${body}
</main>
<footer class="footer"><p>Headlines and leads belong to the outlets that are named and linked. Tags, stories and lists are made by machine, and say why.</p></footer>
</body>
</html>
`.markup;
}
