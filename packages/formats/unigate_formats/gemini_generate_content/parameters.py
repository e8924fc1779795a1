"""What becomes of each chat parameter at Gemini. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from unigate_formats.neutral.parameters import Fate, Parameter, Parameters

CHAT: Parameters = {
    "model": Parameter(Fate.SHAPED, "In the path of the call."),
    "messages": Parameter(Fate.SHAPED, "contents and systemInstruction."),
    "max_completion_tokens": Parameter(Fate.HONOURED, "maxOutputTokens; thoughts count in it."),
    "max_tokens": Parameter(Fate.HONOURED, "As max_completion_tokens."),
    "temperature": Parameter(Fate.HONOURED, "temperature, 0 to 2."),
    "top_p": Parameter(Fate.HONOURED, "topP."),
    "n": Parameter(Fate.SHAPED, "candidateCount on 2.x whole answers up to 8, otherwise several calls."),
    "stop": Parameter(Fate.SHAPED, "stopSequences."),
    "stream": Parameter(Fate.SHAPED, "The method streamGenerateContent."),
    "stream_options": Parameter(Fate.GATEWAY),
    "frequency_penalty": Parameter(Fate.FORWARDED, "frequencyPenalty; some models refuse it.", droppable=True),
    "presence_penalty": Parameter(Fate.FORWARDED, "presencePenalty; some models refuse it.", droppable=True),
    "logit_bias": Parameter(Fate.REFUSED, "Gemini cannot bias tokens.", neutral=({},), droppable=True),
    "logprobs": Parameter(Fate.FORWARDED, "responseLogprobs; most models of the Developer API refuse it."),
    "top_logprobs": Parameter(Fate.FORWARDED, "generationConfig.logprobs."),
    "seed": Parameter(Fate.HONOURED, "seed, a 32-bit integer."),
    "response_format": Parameter(Fate.SHAPED, "responseMimeType and responseJsonSchema."),
    "tools": Parameter(Fate.SHAPED, "functionDeclarations."),
    "tool_choice": Parameter(Fate.SHAPED, "functionCallingConfig."),
    "parallel_tool_calls": Parameter(Fate.GATEWAY, "When false only the first call of an answer is handed on."),
    "functions": Parameter(Fate.SHAPED, "functionDeclarations."),
    "function_call": Parameter(Fate.SHAPED, "functionCallingConfig."),
    "reasoning_effort": Parameter(Fate.SHAPED, "thinkingLevel on 3.x, thinkingBudget on 2.5."),
    "verbosity": Parameter(Fate.REFUSED, "Gemini has no verbosity.", neutral=("medium",), droppable=True),
    "modalities": Parameter(
        Fate.REFUSED, "Gemini's chat answers in text; speech is made by /v1/audio/speech.", neutral=(["text"],)
    ),
    "audio": Parameter(Fate.REFUSED, "Gemini's chat answers in text; speech is made by /v1/audio/speech."),
    "moderation": Parameter(Fate.REFUSED, "Gemini gives no moderation results."),
    "prediction": Parameter(Fate.DROPPED),
    "metadata": Parameter(Fate.DROPPED, neutral=({},)),
    "store": Parameter(Fate.DROPPED, neutral=(False,)),
    "user": Parameter(Fate.DROPPED),
    "safety_identifier": Parameter(Fate.DROPPED),
    "prompt_cache_key": Parameter(Fate.DROPPED, "Gemini caches by itself."),
    "prompt_cache_retention": Parameter(Fate.DROPPED, "Gemini caches by itself."),
    "prompt_cache_options": Parameter(Fate.DROPPED, "Gemini caches by itself."),
    "service_tier": Parameter(Fate.SHAPED, "serviceTier: default is standard, flex, priority; others are dropped."),
    "web_search_options": Parameter(Fate.SHAPED, "The googleSearch tool; location and context size are dropped."),
    "provider_options": Parameter(Fate.SHAPED, "gemini: top_k, safety_settings, thinking_config, media_resolution."),
}

EMBEDDINGS: Parameters = {
    "model": Parameter(Fate.SHAPED, "In the path of the call and in every item."),
    "input": Parameter(Fate.SHAPED, "One item per text; token ids are refused."),
    "dimensions": Parameter(Fate.SHAPED, "outputDimensionality; the vector is brought back to length 1."),
    "encoding_format": Parameter(Fate.GATEWAY, "float or base64."),
    "user": Parameter(Fate.DROPPED),
    "provider_options": Parameter(Fate.SHAPED, "gemini: task_type."),
}

IMAGES: Parameters = {
    "model": Parameter(Fate.SHAPED, "In the path of the call."),
    "prompt": Parameter(Fate.SHAPED, "A text part."),
    "n": Parameter(Fate.GATEWAY, "Several calls, at most 10."),
    "size": Parameter(Fate.SHAPED, "imageConfig: aspectRatio, and on 3.x imageSize; other sizes are refused."),
    "quality": Parameter(Fate.REFUSED, "Gemini has no levels of quality.", neutral=("auto",), droppable=True),
    "style": Parameter(Fate.REFUSED, "Gemini has no styles but those in the prompt.", droppable=True),
    "background": Parameter(Fate.REFUSED, "Gemini's images are opaque.", neutral=("auto", "opaque")),
    "output_format": Parameter(Fate.GATEWAY, "As delivered when absent, else converted."),
    "output_compression": Parameter(Fate.GATEWAY, "The quality of the conversion to jpeg or webp."),
    "response_format": Parameter(Fate.REFUSED, "Images are given as base64 only.", neutral=("b64_json",)),
    "moderation": Parameter(Fate.DROPPED, neutral=("auto",)),
    "user": Parameter(Fate.DROPPED),
    "stream": Parameter(Fate.GATEWAY, "The finished images as events; there are no partial ones."),
    "partial_images": Parameter(Fate.GATEWAY, "Fewer than asked for, namely none."),
    "provider_options": Parameter(Fate.SHAPED, "gemini: safety_settings, top_k."),
}

IMAGE_EDITS: Parameters = {
    **{key: row for key, row in IMAGES.items() if key != "style"},
    "image": Parameter(Fate.SHAPED, "inlineData parts before the prompt, at most 14."),
    "images": Parameter(Fate.SHAPED, "inlineData parts before the prompt, at most 14."),
    "mask": Parameter(Fate.REFUSED, "Gemini takes no masks; describe the place in the prompt."),
    "input_fidelity": Parameter(Fate.REFUSED, "Gemini has no levels of fidelity.", neutral=("low",)),
}

TRANSCRIPTIONS: Parameters = {
    "model": Parameter(Fate.SHAPED, "In the path of the call."),
    "file": Parameter(Fate.SHAPED, "An inlineData part."),
    "language": Parameter(Fate.SHAPED, "languageCodes, for general models a sentence of the instruction."),
    "languages": Parameter(Fate.SHAPED, "languageCodes, for general models a sentence of the instruction."),
    "keywords": Parameter(Fate.SHAPED, "customVocabulary; refused by general models."),
    "prompt": Parameter(Fate.SHAPED, "Part of the instruction; refused by transcription models."),
    "temperature": Parameter(Fate.HONOURED, "temperature."),
    "timestamp_granularities": Parameter(Fate.SHAPED, "wordTimestamp; refused by general models."),
    "response_format": Parameter(Fate.GATEWAY, "json and text; the others need a transcription model."),
    "include": Parameter(Fate.REFUSED, "Gemini gives no probabilities of transcripts.", neutral=([],)),
    "chunking_strategy": Parameter(Fate.REFUSED, "Gemini cuts the sound itself.", neutral=("auto",)),
    "known_speaker_names": Parameter(Fate.REFUSED, "Gemini knows no speakers.", neutral=([],)),
    "known_speaker_references": Parameter(Fate.REFUSED, "Gemini knows no speakers.", neutral=([],)),
    "stream": Parameter(Fate.GATEWAY),
}

SPEECH: Parameters = {
    "model": Parameter(Fate.SHAPED, "In the path of the call."),
    "input": Parameter(Fate.SHAPED, "A text part, verbatim."),
    "voice": Parameter(Fate.SHAPED, "One of Gemini's 30 voices; OpenAI's names stand for similar ones."),
    "instructions": Parameter(Fate.SHAPED, "speechMetadata.style; refused before 3.8."),
    "speed": Parameter(Fate.REFUSED, "Gemini has no speed but that in the instructions.", neutral=(1,)),
    "response_format": Parameter(Fate.GATEWAY, "Encoded here."),
    "stream_format": Parameter(Fate.GATEWAY, "audio or sse."),
    "provider_options": Parameter(Fate.SHAPED, "gemini: safety_settings, top_k."),
}
