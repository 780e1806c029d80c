-- Grain: one row a lead, a deal that is not deleted.
-- A deal has several contacts: of those with a customer the smallest id, by bytes, says whose it is. Ids that the CRM
-- merged since are still known.
with contacts as (
    select
        deal_contacts.deal_id,
        {{ value_of_least('resolved.customer_id', ['deal_contacts.crm_id']) }} as customer_id
    from {{ ref('stg_hubspot__deal_contacts') }} as deal_contacts
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on resolved.identifier_type = 'crm_id' and deal_contacts.crm_id = resolved.identifier_value
    group by deal_contacts.deal_id
)

select
    deals.deal_id,
    deals.created_at,
    contacts.customer_id
from {{ ref('stg_hubspot__deals') }} as deals
left join contacts on deals.deal_id = contacts.deal_id
where not coalesce(deals.is_deleted, false)
