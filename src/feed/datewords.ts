/**
 * Month names, folded: per month the shortest beginnings that name it, of which declined and abbreviated forms are longer.
 * English, Serbian and its kin in both scripts, Croatian, Slovene, Macedonian, Bulgarian, Albanian, Greek, Romanian,
 * Turkish, Hungarian; then what borrowed feeds bring: German, French, Italian, Spanish, Portuguese, Russian, Ukrainian.
 * Where two languages disagree the region's meaning stands: `listopad` is Croatian October, `lip` Croatian June.
 */
const MONTHS: readonly string[] = [
  'jan sij ian oca јан яну янв ιαν gen ene січ',
  'feb velj sub shk феб фев φεβ fev лют',
  'mar ozu мар μαρ μάρ brez бер',
  'apr tra nis pri апр απρ avr abr кві',
  'may maj mai svi мај май μαι mag тра',
  'jun iun lip haz qer јун юни июн ιουν juin giu чер',
  'jul iul srp tem korr јул юли июл ιουλ juil lug лип',
  'aug avg agu kol gus авг αυγ aou ago сер',
  'sep ruj eyl sht сеп сен σεπ set вер',
  'oct okt lis eki tet окт οκτ ott out жов',
  'nov noi stu kas nen нов ное νοε лис',
  'dec dez pro ara dhj дек дец δεκ dic гру',
];

const byBeginning = new Map<string, number>();
MONTHS.forEach((words, index) => {
  for (const word of words.split(' ')) byBeginning.set(foldWord(word), index + 1);
});

/** Days of the week that begin like a month: Romanian and French Tuesday, Saturday of Serbian and its kin. */
const DAYS = new Set(['marti', 'mardi', 'martedi', 'martes', 'marte', 'subota', 'subotu']);

/** 1–12 for a (folded) word that is or begins with a month's name, else 0. */
export function monthOf(word: string): number {
  if (DAYS.has(word)) return 0;
  return byBeginning.get(word.slice(0, 4)) ?? byBeginning.get(word.slice(0, 3)) ?? 0;
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
