import {
  ANY_WRAPPER,
  SESSION_PATH_PARAMETER,
  SESSION_PATH_SEGMENT,
  TRACKING_PARAMETER,
  TWIN_HOST_LABELS,
  TWIN_PARAMETER,
  WRAPPERS,
} from './address-rules.ts';
import { CASE_FOLD } from './punycode.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const BARE = "A-Za-z0-9._~!''()*,:@$;/?=&+-"; // within a quoted character class; the hyphen last
/** U+0001 to U+0020, as escapes of a string constant. */
const BLANKS = Array.from({ length: 32 }, (_, i) => `\\x${(i + 1).toString(16).padStart(2, '0')}`).join('');
const HEAD = 'returns text language plpgsql immutable strict parallel safe';

/**
 * The SQL twin of `addressKey`: statements that create `SCHEMA.address_key(address text, keep_fragment boolean default false)`,
 * immutable, null where the TypeScript key is null, and its three parts. Generated from `address-rules.json`;
 * `migrate` installs it anew when its text changes. A property test holds both equal over a real server. Needs a UTF-8 database.
 */
export function addressKeySql(schema = 'glasnik'): string {
  return [normaliseEscapesSql(schema), unescapeAsciiSql(schema), asciiHostSql(schema), keySql(schema)].join('\n');
}

function normaliseEscapesSql(schema: string): string {
  return `create or replace function ${schema}.address_escapes(address text, plus_is_space boolean)
${HEAD} as $body$
declare
  source text := case when plus_is_space then replace(address, '+', '%20') else address end;
  bytes  bytea;
  length int;
  i      int := 0;
  high   int;
  low    int;
  bare   text;
  result text := '';
begin
  if source ~ '^[${BARE}]*$' then
    return source;
  end if;
  bytes  := convert_to(source, 'UTF8');
  length := octet_length(bytes);
  while i < length loop
    if get_byte(bytes, i) = 37 then
      high := case when i + 2 < length then strpos('0123456789abcdef0123456789ABCDEF', chr(get_byte(bytes, i + 1))) else 0 end;
      low  := case when i + 2 < length then strpos('0123456789abcdef0123456789ABCDEF', chr(get_byte(bytes, i + 2))) else 0 end;
      if high > 0 and low > 0 then
        high := (high - 1) % 16;
        low  := (low - 1) % 16;
        bare := case when high between 2 and 7 then chr(high * 16 + low) else '' end;
        result := result || case
          when bare ~ '^[A-Za-z0-9._~!''()*,:@$;-]$' then bare
          else '%' || upper(to_hex(high) || to_hex(low)) end;
        i := i + 3;
        continue;
      end if;
    end if;
    bare := chr(get_byte(bytes, i));
    result := result || case
      when bare ~ '^[${BARE}]$' then bare
      else '%' || upper(lpad(to_hex(get_byte(bytes, i)), 2, '0')) end;
    i := i + 1;
  end loop;
  return result;
end $body$;
`;
}

function unescapeAsciiSql(schema: string): string {
  return `create or replace function ${schema}.address_unescape(address text)
${HEAD} as $body$
declare
  rest   text := address;
  at     int;
  code   int;
  result text := '';
begin
  loop
    at := strpos(rest, '%');
    if at = 0 then
      return result || rest;
    end if;
    result := result || left(rest, at - 1);
    rest   := substr(rest, at);
    if rest ~ '^%[2-7][0-9A-Fa-f]' then
      code := get_byte(decode(substr(rest, 2, 2), 'hex'), 0);
      result := result || case when code between 33 and 126 then chr(code) else left(rest, 3) end;
      rest   := substr(rest, 4);
    else
      result := result || '%';
      rest   := substr(rest, 2);
    end if;
  end loop;
end $body$;
`;
}

/** RFC 3492, section 6.3, as in `punycode.ts`. */
function asciiHostSql(schema: string): string {
  return `create or replace function ${schema}.address_host(host text)
${HEAD} as $body$
declare
  label    text;
  labels   text[] := '{}';
  codes    int[];
  code     int;
  encoded  text;
  basic    int;
  handled  int;
  bias     int;
  smallest int;
  next     bigint;
  delta    bigint;
  rest     bigint;
  k        int;
  bound    int;
begin
  foreach label in array string_to_array(
    translate(host, ${quoted(`\u3002\uff0e\uff61${CASE_FOLD.capitals}`)}, ${quoted(`...${CASE_FOLD.smalls}`)}), '.')
  loop
    if label !~ '^[\\u0001-\\u007f]*$' then
      codes   := array(select ascii(c) from regexp_split_to_table(label, '') with ordinality as t(c, n) order by n);
      encoded := coalesce((select string_agg(chr(c), '' order by n) from unnest(codes) with ordinality as t(c, n) where c < 128), '');
      basic   := length(encoded);
      encoded := encoded || case when basic > 0 then '-' else '' end;
      handled := basic;
      next    := 128;
      delta   := 0;
      bias    := 72;
      while handled < cardinality(codes) loop
        smallest := (select min(c) from unnest(codes) as t(c) where c >= next);
        delta := delta + (smallest - next) * (handled + 1);
        next  := smallest;
        foreach code in array codes loop
          if code < next then
            delta := delta + 1;
          end if;
          if code = next then
            rest := delta;
            k    := 36;
            loop
              bound := case when k <= bias then 1 when k >= bias + 26 then 26 else k - bias end;
              exit when rest < bound;
              encoded := encoded || substr('abcdefghijklmnopqrstuvwxyz0123456789', (bound + (rest - bound) % (36 - bound))::int + 1, 1);
              rest := (rest - bound) / (36 - bound);
              k    := k + 36;
            end loop;
            encoded := encoded || substr('abcdefghijklmnopqrstuvwxyz0123456789', rest::int + 1, 1);
            rest := case when handled = basic then delta / 700 else delta / 2 end;
            rest := rest + rest / (handled + 1);
            k    := 0;
            while rest > 455 loop
              rest := rest / 35;
              k    := k + 36;
            end loop;
            bias    := k + (36 * rest / (rest + 38))::int;
            delta   := 0;
            handled := handled + 1;
          end if;
        end loop;
        delta := delta + 1;
        next  := next + 1;
      end loop;
      label := 'xn--' || encoded;
    end if;
    labels := labels || label;
  end loop;
  return array_to_string(labels, '.');
end $body$;
`;
}

function keySql(schema: string): string {
  const labels = TWIN_HOST_LABELS.map(quoted).join(', ');
  return `create or replace function ${schema}.address_key(address text, keep_fragment boolean default false)
${HEAD} as $body$
declare
  blanks     constant text := E'${BLANKS}';
  rest       text;
  shape      text[];
  authority  text[];
  host       text;
  port       text;
  labels     text[];
  path       text;
  segments   text[];
  kept       text[];
  part       text;
  parameters text[];
  query      text;
  fragment   text;
  whole      text;
  carried    text;
  key        text;
begin
  if octet_length(address) > 8192 then
    return null;
  end if;
  rest := translate(btrim(address, blanks), E'\\t\\n\\r', '');
  for wrapping in 0 .. 5 loop
    shape := regexp_match(rest, '^([hH][tT][tT][pP][sS]?):[/\\\\]*([^/\\\\?#]*)([^?#]*)(\\?[^#]*)?(#.*)?$');
    if shape is null then
      return null;
    end if;

    authority := regexp_match(lower(regexp_replace(shape[2], '^.*@', '') collate "C"), '^(\\[[0-9a-f:.]+\\]|[^:\\[\\]]*)(?::([0-9]*))?$');
    if authority is null then
      return null;
    end if;
    host := regexp_replace(${schema}.address_host(authority[1]), '\\.$', '');
    port := ltrim(coalesce(authority[2], ''), '0');
    if host !~ '^(?:\\[[0-9a-f:.]+\\]|[a-z0-9_-]{1,63}(?:\\.[a-z0-9_-]{1,63})*)$' or length(host) > 253 or length(port) > 5 then
      return null;
    end if;
    if port <> '' and port::int > 65535 then
      return null;
    end if;
    labels := string_to_array(host, '.');
    host   := '';
    for i in 1 .. cardinality(labels) loop
      if i > cardinality(labels) - 2 or labels[i] not in (${labels}) then
        host := host || case when host = '' then '' else '.' end || labels[i];
      end if;
    end loop;
    host := host || case when port in ('', '80', '443') then '' else ':' || port end;

    path := ${schema}.address_escapes(replace(shape[3], '\\', '/'), false);
    for round in 1 .. 2 loop
      if strpos(path, '/.') > 0 then
        segments := string_to_array(path, '/');
        kept     := '{}';
        for i in 2 .. cardinality(segments) loop
          if segments[i] = '..' then
            kept := kept[1 : cardinality(kept) - 1];
          elsif segments[i] <> '.' then
            kept := kept || segments[i];
          end if;
          if segments[i] in ('.', '..') and i = cardinality(segments) then
            kept := kept || ''::text;
          end if;
        end loop;
        path := '/' || array_to_string(kept, '/');
      end if;
      path := regexp_replace(path, ${quoted(SESSION_PATH_PARAMETER)}, '', 'g');
      path := regexp_replace(path, ${quoted(`${SESSION_PATH_SEGMENT}(?=/|$)`)}, '', 'g');
    end loop;

    parameters := '{}';
    foreach part in array string_to_array(substr(coalesce(shape[4], ''), 2), '&') loop
      part := regexp_replace(${schema}.address_escapes(part, true), '^(?:amp;)+', '');
      if part <> '' then
        parameters := parameters || part;
      end if;
    end loop;
    whole   := host || path || case when cardinality(parameters) = 0 then '' else '?' || array_to_string(parameters, '&') end;
    carried := null;
    if whole ~ ${quoted(ANY_WRAPPER)} then
${WRAPPERS.map(carriedSql(schema)).join('')}    end if;
    if carried is not null then
      rest := case when carried ~ '^https?:' then carried else 'https://' || carried end;
      continue;
    end if;

    loop
      if right(path, 1) = '/' then
        path := rtrim(path, '/');
      elsif path ~ '(?:/|[A-Za-z0-9_-]\\.)amp$' then
        path := left(path, -4);
      else
        exit;
      end if;
    end loop;
    path := regexp_replace(path, '([A-Za-z0-9_-])(?:\\.amp)+(\\.html?)$', '\\1\\2');
    path := regexp_replace(path, '^(?:/+amp(?=/))+', '');
    query := '';
    foreach part in array parameters loop
      if lower(part collate "C") !~ ${quoted(TRACKING_PARAMETER)} and lower(part collate "C") !~ ${quoted(TWIN_PARAMETER)} then
        query := query || case when query = '' then '?' else '&' end || part;
      end if;
    end loop;

    fragment := coalesce(shape[5], '');
    if fragment ~ '^#[!/]' then
      fragment := '#' || ${schema}.address_escapes(substr(fragment, 2), false);
    elsif not keep_fragment or length(fragment) < 2 or fragment like '#:~:%'
       or lower(regexp_replace(${schema}.address_escapes(substr(fragment, 2), true), '^(?:amp;)+', '') collate "C") ~ ${quoted(TRACKING_PARAMETER)} then
      fragment := '';
    else
      fragment := '#' || ${schema}.address_escapes(substr(fragment, 2), false);
    end if;

    key := host || path || query || fragment;
    return case when length(key) <= 2000 then key end;
  end loop;
  return null;
end $body$;
`;
}

const carriedSql =
  (schema: string) =>
  ({ pattern, escaped }: { readonly pattern: string; readonly escaped: boolean }): string =>
    `    if carried is null then
      carried := (regexp_match(whole, ${quoted(pattern)}))[1];
      if ${escaped ? 'carried is not null' : "carried ~ '^https?:%2F%2F'"} then
        carried := ${schema}.address_unescape(carried);
      end if;
    end if;
`;
