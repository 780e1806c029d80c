-- Without it every national phone number of a record without a country would be invalid.
select '{{ var("default_country") }}' as default_country
where not exists (
    select 1
    from {{ ref('countries') }}
    where country_code = '{{ var("default_country") }}'
)
