"""What becomes of each chat parameter at Gemini. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from unigate_common.parameters import Fate, Parameter, Parameters

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
