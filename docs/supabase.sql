-- The tables of the customer directory in Supabase. Paste it into the SQL editor, or run it with
-- psql. It can be run again: what is there already stays.
--
-- Only the service role reaches them (SUPABASE_KEY is its key, kept on the server): row-level
-- security is on and there is no policy, so the keys that browsers hold see no row.

create extension if not exists btree_gist;

create table if not exists public.customers (
    id bigint generated always as identity primary key,
    name text not null check (char_length(name) between 1 and 120),
    phone text not null unique check (phone ~ '^\+[1-9][0-9]{5,14}$'), -- E.164
    language text not null default '' check (char_length(language) <= 16),
    status text not null default 'lead' check (status in ('lead', 'active', 'vip', 'closed')),
    notes text not null default '',
    created_at timestamptz not null default now()
);

-- Further numbers of the same person.
create table if not exists public.customer_phones (
    id bigint generated always as identity primary key,
    customer_id bigint not null references public.customers (id) on delete cascade,
    number text not null unique check (number ~ '^\+[1-9][0-9]{5,14}$')
);

create table if not exists public.customer_facts (
    id bigint generated always as identity primary key,
    customer_id bigint not null references public.customers (id) on delete cascade,
    text text not null check (char_length(text) between 1 and 500),
    created_at timestamptz not null default now(),
    unique (customer_id, text)
);

create table if not exists public.appointments (
    id bigint generated always as identity primary key,
    customer_id bigint not null references public.customers (id) on delete cascade,
    calendar text not null default 'main' check (char_length(calendar) between 1 and 40),
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    reason text not null default '' check (char_length(reason) <= 200),
    status text not null default 'booked' check (status in ('booked', 'cancelled')),
    created_at timestamptz not null default now(),
    -- No time of a calendar is given away twice, whoever asks, and however many at once.
    constraint appointments_overlap exclude using gist (
        calendar with =, tstzrange(starts_at, ends_at) with &&
    ) where (status = 'booked')
);

-- Those who ask for times of one calendar at once take turns: without it, the constraint above ends
-- some races in deadlocks.
create or replace function public.appointments_take_turns() returns trigger
    language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(new.calendar, 0));
    return new;
end
$$;

create or replace trigger appointments_take_turns
    before insert or update of calendar, starts_at, ends_at, status on public.appointments
    for each row when (new.status = 'booked') execute function public.appointments_take_turns();

create index if not exists appointments_customer on public.appointments (customer_id, ends_at);

alter table public.customers enable row level security;
alter table public.customer_phones enable row level security;
alter table public.customer_facts enable row level security;
alter table public.appointments enable row level security;

revoke all on public.customers, public.customer_phones, public.customer_facts, public.appointments
    from anon, authenticated;
grant select, insert, update, delete
    on public.customers, public.customer_phones, public.customer_facts, public.appointments
    to service_role;
