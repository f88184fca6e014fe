/** Hours that a day has where master data says nothing of a worker's. */
const HOURS_PER_DAY = 8;

export interface StarView {
  readonly name: string;
  readonly sql: string;
}

const MONTH = `cast(date_trunc('month', work_date) as date)`;
/** PostgreSQL divides decimals exactly, DuckDB as doubles: a ratio has four digits in both. */
const ratio = (of: string, to: string): string => `case when ${to} > 0 then cast(${of} / ${to} as decimal(18, 4)) end`;

/**
 * Views over the star schema, in the SQL that PostgreSQL and DuckDB share: what utilisation means is written once.
 * Each stands on those before it, on the tables of the star schema and on `dim_date`.
 */
export const STAR_VIEWS: readonly StarView[] = [
  {
    name: 'fact_time_current',
    sql: `select f.* from fact_time f
where f.kind <> 'reversal' and not exists (select 1 from fact_time r where r.reverses = f.posting_key)`,
  },
  {
    // A worker who booked nothing has a utilisation of 0, so capacity comes from the dimension and not from the facts.
    name: 'utilisation',
    sql: `with span as (
  select min(${MONTH}) as first_month, max(${MONTH}) as last_month from fact_time
), capacity as (
  select w.worker_key, d.month, sum(coalesce(w.hours_per_day, ${HOURS_PER_DAY})) as capacity_hours
  from span s
  join dim_date d on d.is_weekday and d.month >= s.first_month and d.month <= s.last_month
  join dim_worker w on d.day >= w.valid_from and d.day < w.valid_to
    and (w.active_from is null or d.day >= w.active_from) and (w.active_to is null or d.day <= w.active_to)
  group by w.worker_key, d.month
), worked as (
  select worker_key, ${MONTH} as month, sum(hours) as hours, sum(case when billable then hours else 0 end) as billable_hours
  from fact_time group by worker_key, ${MONTH}
)
select coalesce(c.worker_key, w.worker_key) as worker_key, coalesce(c.month, w.month) as month,
  coalesce(w.hours, 0) as hours, coalesce(w.billable_hours, 0) as billable_hours,
  coalesce(c.capacity_hours, 0) as capacity_hours,
  ${ratio('coalesce(w.billable_hours, 0)', 'c.capacity_hours')} as utilisation
from capacity c full join worked w on w.worker_key = c.worker_key and w.month = c.month`,
  },
  {
    // Per currency: adding two currencies, or taking one for the other, would be a margin of nothing.
    name: 'margin_inputs',
    sql: `with amounts as (
  select project_key, ${MONTH} as month, cost_currency as currency, hours, cost_amount, 0 as bill_amount from fact_time
  union all
  select project_key, ${MONTH}, bill_currency, 0, 0, bill_amount from fact_time where bill_amount is not null
)
select project_key, month, currency, sum(hours) as hours, sum(cost_amount) as cost_amount, sum(bill_amount) as bill_amount,
  sum(bill_amount) - sum(cost_amount) as margin
from amounts group by project_key, month, currency`,
  },
  {
    // To date: by the end of the month. The budget is the one that stood then; its amount is in the project's legal entity's currency.
    name: 'percent_of_completion_inputs',
    sql: `with months as (
  select project_key, ${MONTH} as month, sum(hours) as hours from fact_time group by project_key, ${MONTH}
), hours_to_date as (
  select project_key, month, sum(hours) over (partition by project_key order by month) as hours_to_date from months
), monthly_cost as (
  select project_key, ${MONTH} as month, cost_currency as currency, sum(cost_amount) as cost
  from fact_time group by project_key, ${MONTH}, cost_currency
), cost_to_date as (
  select m.project_key, m.month, c.currency,
    sum(coalesce(k.cost, 0)) over (partition by m.project_key, c.currency order by m.month) as cost_to_date
  from months m
  join (select distinct project_key, currency from monthly_cost) c on c.project_key = m.project_key
  left join monthly_cost k on k.project_key = m.project_key and k.month = m.month and k.currency = c.currency
), budgets as (
  select m.project_key, m.month, p.legal_entity_key, p.revenue_method, p.budget_hours, p.budget_amount,
    row_number() over (partition by m.project_key, m.month order by p.valid_from desc, p.revision desc, p.object_id) as place
  from months m join dim_project p on p.project_key = m.project_key and p.valid_from < m.month + interval '1 month'
), entities as (
  select legal_entity_key, currency,
    row_number() over (partition by legal_entity_key order by valid_from desc, revision desc, object_id) as place
  from dim_legal_entity
)
select h.project_key, h.month, c.currency, b.legal_entity_key, b.revenue_method, h.hours_to_date, b.budget_hours,
  ${ratio('h.hours_to_date', 'b.budget_hours')} as hours_complete, c.cost_to_date,
  case when e.currency = c.currency then b.budget_amount end as budget_amount,
  case when e.currency = c.currency then ${ratio('c.cost_to_date', 'b.budget_amount')} end as cost_complete
from hours_to_date h
join cost_to_date c on c.project_key = h.project_key and c.month = h.month
left join budgets b on b.project_key = h.project_key and b.month = h.month and b.place = 1
left join entities e on e.legal_entity_key = b.legal_entity_key and e.place = 1`,
  },
];
