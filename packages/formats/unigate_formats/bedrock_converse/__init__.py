"""AWS's Converse API, the one format that all text models at Bedrock share. See encode_request and decode_answer."""
