-- A copy of a database must neither write to real customers nor pretend to be their line.
UPDATE whatsapp_omni_provider
   SET api_key = NULL,
       base_url = 'https://neutralized.invalid';

UPDATE whatsapp_omni_line
   SET api_key = NULL,
       subscription_ref = NULL,
       callback_token = 'neutralized-' || gen_random_uuid();
