update model_version
set recipe = case recipe
    when 'CLASSIFICATION_TRANSFER' then 'transfer'
    when 'CLASSIFICATION_SCRATCH' then 'scratch'
    when 'ANOMALY_PATCHCORE' then 'patchcore'
    else recipe
end;
