// Times in the reader's own zone and manner; the page is complete without this. Widths are fixed in the stylesheet, so nothing moves.
for (const time of document.querySelectorAll('time:not([data-keep])')) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  const day = { day: 'numeric', month: 'short', year: 'numeric' };
  time.textContent = at.toLocaleString('en-GB', time.classList.contains('day') ? { ...day, ...clock } : clock);
  time.title = at.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' });
}
