-- Chains the entries of earlier versions, in their order. It takes no lock that holds up writers; the next migration chains
-- what they add meanwhile.
do $$
declare
    one audit;
    place bigint = 0;
    head text = repeat('0', 64);
    next text;
begin
    for one in select * from audit order by id loop
        place = place + 1;
        next = audit_hash(head, place, one);
        insert into audit_chain (serial, entry, previous, hash) values (place, one.id, head, next);
        head = next;
    end loop;
end $$;
