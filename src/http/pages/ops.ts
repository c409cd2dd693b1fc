import type { Hour, Trouble, TroubledFeed } from '../../store/ops.ts';
import type { Status } from '../../store/status.ts';
import type { QueueDepth } from '../queue-depths.ts';
import { type Html, html, webAddress } from './html.ts';
import { clock, shortDay } from './times.ts';
import { counted } from './words.ts';

export type OpsPage = {
  readonly feeds: readonly TroubledFeed[];
  readonly status: Status;
  readonly hours: readonly Hour[];
  readonly depths: readonly QueueDepth[] | null;
  readonly versions: string;
  readonly timeZone: string;
};

/** The operator's page: what needs a person first, then how the system does. */
export function opsPage({ feeds, status, hours, depths, versions, timeZone }: OpsPage): Html {
  return html`<h1 class="page-title">What needs a person</h1>
<p class="page-about">${feeds.length ? `${counted(feeds.length, 'feed')} of ${total(status)}.` : `Nothing today: all ${total(status)} feeds do what they should.`} ${versions}.</p>
${feeds.length > 0 && feedTable(feeds, timeZone)}
<section aria-labelledby="figures"><h2 class="section" id="figures">The last 24 hours</h2>
${hourChart(hours, timeZone)}
<dl class="figures">
${figure('Items in 24 hours', sum(hours, 'items'))}${figure('of the beat', sum(hours, 'relevant'))}${figure('Items kept', status.items)}${figure('Stories', status.stories)}
${figure('Feeds due', status.due)}${figure('First due for', `${status.overdue_s ?? 0} s`)}${figure('Being fetched', status.fetching)}${figure('To be related', status.unrelated)}
</dl>
</section>
<section aria-labelledby="jobs"><h2 class="section" id="jobs">Jobs</h2>
${depths ? queueTable(depths) : html`<p class="nothing">The server of the jobs does not answer: see the log, and run <code>glasnik status</code>.</p>`}
<p class="more"><a href="/ops/queues">Look into the queues</a> <a href="/metrics">Metrics</a></p>
</section>
`;
}

const total = (status: Status): number => Object.values(status.feeds).reduce((a, b) => a + b, 0);
const sum = (hours: readonly Hour[], what: 'items' | 'relevant'): number =>
  hours.reduce((n, hour) => n + hour[what], 0);
const figure = (name: string, value: number | string): Html =>
  html`<div><dt>${name}</dt><dd>${typeof value === 'number' ? value.toLocaleString('en-GB') : value}</dd></div>`;

const TROUBLE_WORDS: Readonly<Record<Trouble, string>> = {
  dead: 'Dead',
  unreadable: 'Unreadable',
  failing: 'Failing',
  moved: 'Moving',
  silent: 'Silent',
  'off-beat': 'Nothing of the beat',
};

/** What is wrong, in a sentence, and the command that mends it. */
function advice(feed: TroubledFeed, timeZone: string): { why: string; command: string } {
  const since = feed.last_success_at ? `since ${shortDay(feed.last_success_at, timeZone)}` : 'ever since it was added';
  switch (feed.trouble) {
    case 'dead':
      return {
        why: feed.last_error ?? 'Its site says that it is gone for good',
        command: `glasnik feeds remove ${feed.feed_id}`,
      };
    case 'unreadable':
      return {
        why: feed.last_error ?? 'It answers with something that is no feed',
        command: `glasnik feeds set ${feed.feed_id} url=ADDRESS`,
      };
    case 'failing':
      return {
        why: `No good answer ${since}: ${feed.last_error ?? feed.last_reason ?? 'no reason known'}`,
        command: `glasnik fetch ${feed.feed_id} --force`,
      };
    case 'moved':
      return { why: `It says that it moved to ${feed.move_url}`, command: `glasnik fetch ${feed.feed_id}` };
    case 'silent':
      return {
        why:
          feed.last_error ??
          `Nothing new since ${feed.newest_entry_at ? shortDay(feed.newest_entry_at, timeZone) : 'it was added'}`,
        command: `glasnik feeds disable ${feed.feed_id}`,
      };
    default:
      return { why: 'No item of the beat for three months', command: `glasnik feeds disable ${feed.feed_id}` };
  }
}

const feedTable = (
  feeds: readonly TroubledFeed[],
  timeZone: string,
): Html => html`<div class="scroll" tabindex="0" role="group" aria-label="Feeds that need a person"><table class="table table--wide">
<thead><tr><th scope="col" class="head">Trouble</th><th scope="col" class="head">Feed</th><th scope="col" class="head">Last attempts</th><th scope="col" class="head">What mends it</th></tr></thead>
<tbody>
${feeds.map((feed) => {
  const { why, command } = advice(feed, timeZone);
  const href = webAddress(feed.url);
  return html`<tr><td><b class="trouble trouble--${feed.trouble}">${TROUBLE_WORDS[feed.trouble]}</b></td>
<td><b>${feed.outlet ?? feed.title ?? 'Feed'}</b> <span class="soft">${feed.feed_id}</span><br>${href ? html`<a class="address" href="${href}" rel="noreferrer">${feed.url}</a>` : html`<span class="address">${feed.url}</span>`}<br>${why}</td>
<td>${sparkline(feed.attempts)}</td>
<td><code>${command}</code></td></tr>
`;
})}</tbody></table></div>`;

/** The last attempts as bars: height by duration (a logarithm: 10 s is full), filled where it failed. Oldest left. */
export function sparkline(attempts: TroubledFeed['attempts']): Html {
  if (!attempts.length) return html`<span class="soft">none yet</span>`;
  const failed = attempts.filter((a) => a.outcome === 'failed' || a.outcome === 'gone').length;
  const label = `${counted(attempts.length, 'attempt')}, ${failed} failed`;
  return html`<svg class="spark" role="img" aria-label="${label}" width="150" height="24" viewBox="0 0 150 24"><title>${label}</title>${attempts
    .slice(-50)
    .map((a, i) => {
      const height = Math.max(2, Math.min(24, Math.round((Math.log10(Math.max(a.ms, 10)) - 1) * 8)));
      return html`<rect class="${a.outcome === 'failed' || a.outcome === 'gone' ? 'bad' : a.new > 0 ? 'new' : 'good'}" x="${i * 3}" y="${24 - height}" width="2" height="${height}"/>`;
    })}</svg>`;
}

function hourChart(hours: readonly Hour[], timeZone: string): Html {
  const most = Math.max(1, ...hours.map((hour) => hour.items));
  const label = `Items an hour, at most ${most}`;
  return html`<svg class="hours" role="img" aria-label="${label}" viewBox="0 0 480 80" preserveAspectRatio="none"><title>${label}</title>${hours.map(
    (hour, i) => {
      const all = Math.round((hour.items / most) * 78);
      const beat = Math.round((hour.relevant / most) * 78);
      return html`<g><title>${clock(hour.hour, timeZone)}: ${counted(hour.items, 'item')}, ${hour.relevant} of the beat</title><rect class="good" x="${i * 20}" y="${80 - all}" width="18" height="${all}"/><rect class="new" x="${i * 20}" y="${80 - beat}" width="18" height="${beat}"/></g>`;
    },
  )}</svg>
<p class="hours__ends" aria-hidden="true"><span>${clock(hours[0]!.hour, timeZone)}</span><span>items an hour, those of the beat darker</span><span>${clock(hours.at(-1)!.hour, timeZone)}</span></p>`;
}

const queueTable = (
  depths: readonly QueueDepth[],
): Html => html`<div class="scroll" tabindex="0" role="group" aria-label="Queues"><table class="table"><thead><tr><th scope="col" class="head">Queue</th><th scope="col" class="head number">Waiting</th><th scope="col" class="head number">Active</th><th scope="col" class="head number">Delayed</th><th scope="col" class="head number">Failed</th><th scope="col" class="head number">Lag</th></tr></thead><tbody>
${depths.map((d) => html`<tr><th scope="row">${d.name}</th><td class="number">${d.waiting}</td><td class="number">${d.active}</td><td class="number">${d.delayed}</td><td class="number">${d.failed}</td><td class="number">${d.lagS.toFixed(1)} s</td></tr>\n`)}</tbody></table></div>`;
