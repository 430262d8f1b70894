-- A recipe is the name of a catalogue entry and values for all of its parameters. As json, because it keeps their order.
alter table run alter column recipe type json using recipe::json;

update run
set recipe = json_build_object(
    'name', case recipe ->> 'type'
        when 'CLASSIFICATION_TRANSFER' then 'transfer'
        when 'CLASSIFICATION_SCRATCH' then 'scratch'
        when 'ANOMALY_PATCHCORE' then 'patchcore'
    end,
    'parameters', json_strip_nulls(case recipe ->> 'type'
        when 'CLASSIFICATION_TRANSFER' then json_build_object(
            'backbone', coalesce(recipe ->> 'backbone', 'scattering'),
            'imageSize', (recipe ->> 'imageSize')::integer,
            'epochs', coalesce((recipe ->> 'epochs')::integer, 60),
            'batchSize', coalesce((recipe ->> 'batchSize')::integer, 64),
            'learningRate', coalesce((recipe ->> 'learningRate')::numeric, 0.003))
        when 'CLASSIFICATION_SCRATCH' then json_build_object(
            'imageSize', coalesce((recipe ->> 'imageSize')::integer, 64),
            'epochs', coalesce((recipe ->> 'epochs')::integer, 40),
            'batchSize', coalesce((recipe ->> 'batchSize')::integer, 32),
            'learningRate', coalesce((recipe ->> 'learningRate')::numeric, 0.002))
        when 'ANOMALY_PATCHCORE' then json_build_object(
            'backbone', coalesce(recipe ->> 'backbone', 'scattering'),
            'imageSize', (recipe ->> 'imageSize')::integer,
            'coresetRatio', coalesce((recipe ->> 'coresetRatio')::numeric, 0.01))
    end))
where recipe ->> 'type' is not null;
