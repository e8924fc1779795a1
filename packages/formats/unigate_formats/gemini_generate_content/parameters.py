"""What becomes of each chat parameter at Gemini. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport

CHAT: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path of the call."),
    "messages": Parameter(ParameterSupport.TRANSFORMED, "contents and systemInstruction."),
    "max_completion_tokens": Parameter(ParameterSupport.SUPPORTED, "maxOutputTokens; thoughts count in it."),
    "max_tokens": Parameter(ParameterSupport.SUPPORTED, "As max_completion_tokens."),
    "temperature": Parameter(ParameterSupport.SUPPORTED, "temperature, 0 to 2."),
    "top_p": Parameter(ParameterSupport.SUPPORTED, "topP."),
    "top_k": Parameter(ParameterSupport.FORWARDED, "Not a parameter of OpenAI's."),
    "n": Parameter(
        ParameterSupport.TRANSFORMED, "candidateCount on 2.x whole answers up to 8, otherwise several calls."
    ),
    "stop": Parameter(ParameterSupport.TRANSFORMED, "stopSequences."),
    "stream": Parameter(ParameterSupport.TRANSFORMED, "The method streamGenerateContent."),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "frequency_penalty": Parameter(
        ParameterSupport.FORWARDED, "frequencyPenalty; some models refuse it.", droppable=True
    ),
    "presence_penalty": Parameter(
        ParameterSupport.FORWARDED, "presencePenalty; some models refuse it.", droppable=True
    ),
    "logit_bias": Parameter(ParameterSupport.UNSUPPORTED, "Gemini cannot bias tokens.", neutral=({},), droppable=True),
    "logprobs": Parameter(ParameterSupport.FORWARDED, "responseLogprobs; most models of the Developer API refuse it."),
    "top_logprobs": Parameter(ParameterSupport.FORWARDED, "generationConfig.logprobs."),
    "seed": Parameter(ParameterSupport.SUPPORTED, "seed, a 32-bit integer."),
    "response_format": Parameter(ParameterSupport.TRANSFORMED, "responseMimeType and responseJsonSchema."),
    "tools": Parameter(ParameterSupport.TRANSFORMED, "functionDeclarations."),
    "tool_choice": Parameter(ParameterSupport.TRANSFORMED, "functionCallingConfig."),
    "parallel_tool_calls": Parameter(
        ParameterSupport.GATEWAY, "When false, only the first call of an answer is passed on."
    ),
    "functions": Parameter(ParameterSupport.TRANSFORMED, "functionDeclarations."),
    "function_call": Parameter(ParameterSupport.TRANSFORMED, "functionCallingConfig."),
    "reasoning_effort": Parameter(ParameterSupport.TRANSFORMED, "thinkingLevel on 3.x, thinkingBudget on 2.5."),
    "verbosity": Parameter(
        ParameterSupport.UNSUPPORTED, "Gemini has no verbosity.", neutral=("medium",), droppable=True
    ),
    "modalities": Parameter(
        ParameterSupport.UNSUPPORTED,
        "Gemini's chat answers in text; speech is made by /v1/audio/speech.",
        neutral=(["text"],),
    ),
    "audio": Parameter(
        ParameterSupport.UNSUPPORTED, "Gemini's chat answers in text; speech is made by /v1/audio/speech."
    ),
    "moderation": Parameter(ParameterSupport.UNSUPPORTED, "Gemini gives no moderation results."),
    "prediction": Parameter(ParameterSupport.DROPPED),
    "metadata": Parameter(ParameterSupport.DROPPED, neutral=({},)),
    "store": Parameter(ParameterSupport.DROPPED, neutral=(False,)),
    "user": Parameter(ParameterSupport.DROPPED),
    "safety_identifier": Parameter(ParameterSupport.DROPPED),
    "prompt_cache_key": Parameter(ParameterSupport.DROPPED, "Gemini caches automatically."),
    "prompt_cache_retention": Parameter(ParameterSupport.DROPPED, "Gemini caches automatically."),
    "prompt_cache_options": Parameter(ParameterSupport.DROPPED, "Gemini caches automatically."),
    "service_tier": Parameter(
        ParameterSupport.TRANSFORMED, "serviceTier: default is standard, flex, priority; others are dropped."
    ),
    "web_search_options": Parameter(
        ParameterSupport.TRANSFORMED, "The googleSearch tool; location and context size are dropped."
    ),
    "provider_options": Parameter(
        ParameterSupport.TRANSFORMED, "gemini: top_k, safety_settings, thinking_config, media_resolution."
    ),
}

EMBEDDINGS: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path of the call and in every item."),
    "input": Parameter(ParameterSupport.TRANSFORMED, "One item per text; token ids of cl100k_base are decoded."),
    "dimensions": Parameter(
        ParameterSupport.TRANSFORMED, "outputDimensionality; the vector is normalised to length 1."
    ),
    "encoding_format": Parameter(ParameterSupport.GATEWAY, "float or base64."),
    "user": Parameter(ParameterSupport.DROPPED),
    "provider_options": Parameter(ParameterSupport.TRANSFORMED, "gemini: task_type."),
}

IMAGES: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path of the call."),
    "prompt": Parameter(ParameterSupport.TRANSFORMED, "A text part."),
    "n": Parameter(ParameterSupport.GATEWAY, "Several calls, at most 10."),
    "size": Parameter(
        ParameterSupport.TRANSFORMED,
        "imageConfig: the nearest aspectRatio, and on 3.x imageSize; the answer reports its size.",
    ),
    "quality": Parameter(
        ParameterSupport.UNSUPPORTED, "Gemini has no levels of quality.", neutral=("auto",), droppable=True
    ),
    "style": Parameter(
        ParameterSupport.UNSUPPORTED, "Gemini has no styles; ask for one in the prompt.", droppable=True
    ),
    "background": Parameter(ParameterSupport.UNSUPPORTED, "Gemini's images are opaque.", neutral=("auto", "opaque")),
    "output_format": Parameter(ParameterSupport.GATEWAY, "As delivered when absent, else converted."),
    "output_compression": Parameter(ParameterSupport.GATEWAY, "The quality of the conversion to jpeg or webp."),
    "response_format": Parameter(ParameterSupport.GATEWAY, "`url` gives data URLs."),
    "moderation": Parameter(ParameterSupport.DROPPED, neutral=("auto",)),
    "user": Parameter(ParameterSupport.DROPPED),
    "stream": Parameter(ParameterSupport.GATEWAY, "The finished images as events; there are no partial ones."),
    "partial_images": Parameter(ParameterSupport.GATEWAY, "There are no partial images."),
    "provider_options": Parameter(ParameterSupport.TRANSFORMED, "gemini: safety_settings, top_k."),
}

IMAGE_EDITS: Parameters = {
    **{key: row for key, row in IMAGES.items() if key != "style"},
    "image": Parameter(ParameterSupport.TRANSFORMED, "inlineData parts before the prompt, at most 14."),
    "images": Parameter(ParameterSupport.TRANSFORMED, "inlineData parts before the prompt, at most 14."),
    "mask": Parameter(ParameterSupport.TRANSFORMED, "Sent as one more image, with a sentence that explains it."),
    "input_fidelity": Parameter(
        ParameterSupport.UNSUPPORTED, "Gemini has no levels of fidelity.", neutral=("low",), droppable=True
    ),
}

TRANSCRIPTIONS: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path of the call."),
    "file": Parameter(ParameterSupport.TRANSFORMED, "An inlineData part."),
    "language": Parameter(
        ParameterSupport.TRANSFORMED, "languageCodes, for general models a sentence of the instruction."
    ),
    "languages": Parameter(
        ParameterSupport.TRANSFORMED, "languageCodes, for general models a sentence of the instruction."
    ),
    "keywords": Parameter(
        ParameterSupport.TRANSFORMED, "customVocabulary; part of the instruction for general models."
    ),
    "prompt": Parameter(
        ParameterSupport.TRANSFORMED, "Part of the instruction; dropped for transcription models, which take none."
    ),
    "temperature": Parameter(ParameterSupport.SUPPORTED, "temperature."),
    "timestamp_granularities": Parameter(
        ParameterSupport.TRANSFORMED, "wordTimestamp; general models write times down by structured output."
    ),
    "response_format": Parameter(ParameterSupport.GATEWAY, "json and text; other forms by structured output."),
    "include": Parameter(ParameterSupport.UNSUPPORTED, "Gemini gives no probabilities of transcripts.", neutral=([],)),
    "chunking_strategy": Parameter(
        ParameterSupport.UNSUPPORTED, "Gemini cuts the sound itself.", neutral=("auto",), droppable=True
    ),
    "known_speaker_names": Parameter(ParameterSupport.UNSUPPORTED, "Gemini knows no speakers.", neutral=([],)),
    "known_speaker_references": Parameter(ParameterSupport.UNSUPPORTED, "Gemini knows no speakers.", neutral=([],)),
    "stream": Parameter(ParameterSupport.GATEWAY),
}

SPEECH: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path of the call."),
    "input": Parameter(ParameterSupport.TRANSFORMED, "A text part, verbatim."),
    "voice": Parameter(
        ParameterSupport.TRANSFORMED, "One of Gemini's 30 voices; OpenAI's names stand for similar ones."
    ),
    "instructions": Parameter(ParameterSupport.TRANSFORMED, "speechMetadata.style; dropped before 3.8."),
    "speed": Parameter(
        ParameterSupport.UNSUPPORTED,
        "Gemini has no speed; ask for one in the instructions.",
        neutral=(1,),
        droppable=True,
    ),
    "response_format": Parameter(ParameterSupport.GATEWAY, "Encoded here."),
    "stream_format": Parameter(ParameterSupport.GATEWAY, "audio or sse."),
    "provider_options": Parameter(ParameterSupport.TRANSFORMED, "gemini: safety_settings, top_k."),
}
