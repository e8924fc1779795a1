from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Operation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPERATION_UNSPECIFIED: _ClassVar[Operation]
    OPERATION_CHAT: _ClassVar[Operation]
    OPERATION_RESPONSES: _ClassVar[Operation]
    OPERATION_EMBEDDINGS: _ClassVar[Operation]
    OPERATION_IMAGES_GENERATIONS: _ClassVar[Operation]
    OPERATION_IMAGES_EDITS: _ClassVar[Operation]
    OPERATION_AUDIO_TRANSCRIPTIONS: _ClassVar[Operation]
    OPERATION_AUDIO_SPEECH: _ClassVar[Operation]
    OPERATION_MODERATIONS: _ClassVar[Operation]
    OPERATION_AUDIO_TRANSLATIONS: _ClassVar[Operation]
    OPERATION_IMAGES_VARIATIONS: _ClassVar[Operation]
    OPERATION_RESPONSES_RESOURCE: _ClassVar[Operation]

class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_UNSPECIFIED: _ClassVar[Origin]
    ORIGIN_REQUEST: _ClassVar[Origin]
    ORIGIN_UPSTREAM: _ClassVar[Origin]
    ORIGIN_TRANSPORT: _ClassVar[Origin]
    ORIGIN_ADAPTER: _ClassVar[Origin]

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODE_UNSPECIFIED: _ClassVar[Mode]
    MODE_TRANSLATED: _ClassVar[Mode]
    MODE_BRIDGED: _ClassVar[Mode]
    MODE_PASSED_THROUGH: _ClassVar[Mode]

class Fate(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FATE_UNSPECIFIED: _ClassVar[Fate]
    FATE_HONOURED: _ClassVar[Fate]
    FATE_SHAPED: _ClassVar[Fate]
    FATE_DROPPED: _ClassVar[Fate]
    FATE_REFUSED: _ClassVar[Fate]
    FATE_FORWARDED: _ClassVar[Fate]
    FATE_GATEWAY: _ClassVar[Fate]
OPERATION_UNSPECIFIED: Operation
OPERATION_CHAT: Operation
OPERATION_RESPONSES: Operation
OPERATION_EMBEDDINGS: Operation
OPERATION_IMAGES_GENERATIONS: Operation
OPERATION_IMAGES_EDITS: Operation
OPERATION_AUDIO_TRANSCRIPTIONS: Operation
OPERATION_AUDIO_SPEECH: Operation
OPERATION_MODERATIONS: Operation
OPERATION_AUDIO_TRANSLATIONS: Operation
OPERATION_IMAGES_VARIATIONS: Operation
OPERATION_RESPONSES_RESOURCE: Operation
ORIGIN_UNSPECIFIED: Origin
ORIGIN_REQUEST: Origin
ORIGIN_UPSTREAM: Origin
ORIGIN_TRANSPORT: Origin
ORIGIN_ADAPTER: Origin
MODE_UNSPECIFIED: Mode
MODE_TRANSLATED: Mode
MODE_BRIDGED: Mode
MODE_PASSED_THROUGH: Mode
FATE_UNSPECIFIED: Fate
FATE_HONOURED: Fate
FATE_SHAPED: Fate
FATE_DROPPED: Fate
FATE_REFUSED: Fate
FATE_FORWARDED: Fate
FATE_GATEWAY: Fate

class Call(_message.Message):
    __slots__ = ("request_id", "operation", "model", "public_model", "drop_unsupported", "client_credential", "content_type", "method", "path", "replay", "created", "response_state")
    class ReplayEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_MODEL_FIELD_NUMBER: _ClassVar[int]
    DROP_UNSUPPORTED_FIELD_NUMBER: _ClassVar[int]
    CLIENT_CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    REPLAY_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_STATE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    operation: Operation
    model: str
    public_model: str
    drop_unsupported: bool
    client_credential: str
    content_type: str
    method: str
    path: str
    replay: _containers.ScalarMap[str, bytes]
    created: int
    response_state: ResponseState
    def __init__(self, request_id: _Optional[str] = ..., operation: _Optional[_Union[Operation, str]] = ..., model: _Optional[str] = ..., public_model: _Optional[str] = ..., drop_unsupported: _Optional[bool] = ..., client_credential: _Optional[str] = ..., content_type: _Optional[str] = ..., method: _Optional[str] = ..., path: _Optional[str] = ..., replay: _Optional[_Mapping[str, bytes]] = ..., created: _Optional[int] = ..., response_state: _Optional[_Union[ResponseState, _Mapping]] = ...) -> None: ...

class ResponseState(_message.Message):
    __slots__ = ("input_items", "response_id", "store")
    INPUT_ITEMS_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    input_items: bytes
    response_id: str
    store: bool
    def __init__(self, input_items: _Optional[bytes] = ..., response_id: _Optional[str] = ..., store: _Optional[bool] = ...) -> None: ...

class InvokeRequest(_message.Message):
    __slots__ = ("call", "body")
    CALL_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    call: Call
    body: bytes
    def __init__(self, call: _Optional[_Union[Call, _Mapping]] = ..., body: _Optional[bytes] = ...) -> None: ...

class InvokeStreamRequest(_message.Message):
    __slots__ = ("call", "body")
    CALL_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    call: Call
    body: bytes
    def __init__(self, call: _Optional[_Union[Call, _Mapping]] = ..., body: _Optional[bytes] = ...) -> None: ...

class InvokeUploadRequest(_message.Message):
    __slots__ = ("call", "chunk")
    CALL_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    call: Call
    chunk: bytes
    def __init__(self, call: _Optional[_Union[Call, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class InvokeResponse(_message.Message):
    __slots__ = ("body", "error", "content_type", "status", "head", "summary")
    BODY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    error: Error
    content_type: str
    status: int
    head: Head
    summary: Summary
    def __init__(self, body: _Optional[bytes] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., content_type: _Optional[str] = ..., status: _Optional[int] = ..., head: _Optional[_Union[Head, _Mapping]] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ...) -> None: ...

class InvokeStreamResponse(_message.Message):
    __slots__ = ("head", "data", "error", "summary", "content_type", "keep")
    HEAD_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    KEEP_FIELD_NUMBER: _ClassVar[int]
    head: Head
    data: bytes
    error: Error
    summary: Summary
    content_type: str
    keep: Keep
    def __init__(self, head: _Optional[_Union[Head, _Mapping]] = ..., data: _Optional[bytes] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ..., content_type: _Optional[str] = ..., keep: _Optional[_Union[Keep, _Mapping]] = ...) -> None: ...

class InvokeUploadResponse(_message.Message):
    __slots__ = ("whole", "part")
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    whole: InvokeResponse
    part: InvokeStreamResponse
    def __init__(self, whole: _Optional[_Union[InvokeResponse, _Mapping]] = ..., part: _Optional[_Union[InvokeStreamResponse, _Mapping]] = ...) -> None: ...

class Head(_message.Message):
    __slots__ = ("upstream_request_id", "dropped_params", "notes", "headers")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    UPSTREAM_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DROPPED_PARAMS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    upstream_request_id: str
    dropped_params: _containers.RepeatedScalarFieldContainer[str]
    notes: _containers.RepeatedScalarFieldContainer[str]
    headers: _containers.ScalarMap[str, str]
    def __init__(self, upstream_request_id: _Optional[str] = ..., dropped_params: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ..., headers: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Keep(_message.Message):
    __slots__ = ("replay", "response", "input_items")
    class ReplayEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    REPLAY_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    INPUT_ITEMS_FIELD_NUMBER: _ClassVar[int]
    replay: _containers.ScalarMap[str, bytes]
    response: bytes
    input_items: bytes
    def __init__(self, replay: _Optional[_Mapping[str, bytes]] = ..., response: _Optional[bytes] = ..., input_items: _Optional[bytes] = ...) -> None: ...

class Summary(_message.Message):
    __slots__ = ("usage", "timings", "finish_reasons", "response_model", "response_id", "keep", "ignored_events")
    class IgnoredEventsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    USAGE_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASONS_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_MODEL_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    KEEP_FIELD_NUMBER: _ClassVar[int]
    IGNORED_EVENTS_FIELD_NUMBER: _ClassVar[int]
    usage: Usage
    timings: Timings
    finish_reasons: _containers.RepeatedScalarFieldContainer[str]
    response_model: str
    response_id: str
    keep: Keep
    ignored_events: _containers.ScalarMap[str, int]
    def __init__(self, usage: _Optional[_Union[Usage, _Mapping]] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., finish_reasons: _Optional[_Iterable[str]] = ..., response_model: _Optional[str] = ..., response_id: _Optional[str] = ..., keep: _Optional[_Union[Keep, _Mapping]] = ..., ignored_events: _Optional[_Mapping[str, int]] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "input_audio_tokens", "output_audio_tokens", "input_image_tokens", "output_image_tokens", "total_tokens", "audio_seconds")
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_READ_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_WRITE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    REASONING_TOKENS_FIELD_NUMBER: _ClassVar[int]
    INPUT_AUDIO_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_AUDIO_TOKENS_FIELD_NUMBER: _ClassVar[int]
    INPUT_IMAGE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_IMAGE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TOKENS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_SECONDS_FIELD_NUMBER: _ClassVar[int]
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    input_audio_tokens: int
    output_audio_tokens: int
    input_image_tokens: int
    output_image_tokens: int
    total_tokens: int
    audio_seconds: float
    def __init__(self, input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cache_read_tokens: _Optional[int] = ..., cache_write_tokens: _Optional[int] = ..., reasoning_tokens: _Optional[int] = ..., input_audio_tokens: _Optional[int] = ..., output_audio_tokens: _Optional[int] = ..., input_image_tokens: _Optional[int] = ..., output_image_tokens: _Optional[int] = ..., total_tokens: _Optional[int] = ..., audio_seconds: _Optional[float] = ...) -> None: ...

class Timings(_message.Message):
    __slots__ = ("request_us", "upstream_first_byte_us", "upstream_total_us", "total_us")
    REQUEST_US_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_FIRST_BYTE_US_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_TOTAL_US_FIELD_NUMBER: _ClassVar[int]
    TOTAL_US_FIELD_NUMBER: _ClassVar[int]
    request_us: int
    upstream_first_byte_us: int
    upstream_total_us: int
    total_us: int
    def __init__(self, request_us: _Optional[int] = ..., upstream_first_byte_us: _Optional[int] = ..., upstream_total_us: _Optional[int] = ..., total_us: _Optional[int] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("status", "type", "code", "param", "message", "retry_after_ms", "retryable", "origin", "upstream_request_id", "body", "headers")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PARAM_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    status: int
    type: str
    code: str
    param: str
    message: str
    retry_after_ms: int
    retryable: bool
    origin: Origin
    upstream_request_id: str
    body: bytes
    headers: _containers.ScalarMap[str, str]
    def __init__(self, status: _Optional[int] = ..., type: _Optional[str] = ..., code: _Optional[str] = ..., param: _Optional[str] = ..., message: _Optional[str] = ..., retry_after_ms: _Optional[int] = ..., retryable: _Optional[bool] = ..., origin: _Optional[_Union[Origin, str]] = ..., upstream_request_id: _Optional[str] = ..., body: _Optional[bytes] = ..., headers: _Optional[_Mapping[str, str]] = ...) -> None: ...

class GetCapabilitiesRequest(_message.Message):
    __slots__ = ("refresh",)
    REFRESH_FIELD_NUMBER: _ClassVar[int]
    refresh: bool
    def __init__(self, refresh: _Optional[bool] = ...) -> None: ...

class GetCapabilitiesResponse(_message.Message):
    __slots__ = ("provider", "operations", "models", "models_complete", "credentials_present")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    MODELS_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_PRESENT_FIELD_NUMBER: _ClassVar[int]
    provider: str
    operations: _containers.RepeatedCompositeFieldContainer[OperationCapability]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    models_complete: bool
    credentials_present: bool
    def __init__(self, provider: _Optional[str] = ..., operations: _Optional[_Iterable[_Union[OperationCapability, _Mapping]]] = ..., models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., models_complete: _Optional[bool] = ..., credentials_present: _Optional[bool] = ...) -> None: ...

class OperationCapability(_message.Message):
    __slots__ = ("operation", "streaming", "mode", "parameters")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    STREAMING_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    operation: Operation
    streaming: bool
    mode: Mode
    parameters: _containers.RepeatedCompositeFieldContainer[ParameterCapability]
    def __init__(self, operation: _Optional[_Union[Operation, str]] = ..., streaming: _Optional[bool] = ..., mode: _Optional[_Union[Mode, str]] = ..., parameters: _Optional[_Iterable[_Union[ParameterCapability, _Mapping]]] = ...) -> None: ...

class ParameterCapability(_message.Message):
    __slots__ = ("name", "fate", "note")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FATE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    name: str
    fate: Fate
    note: str
    def __init__(self, name: _Optional[str] = ..., fate: _Optional[_Union[Fate, str]] = ..., note: _Optional[str] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("id", "display_name", "created", "owned_by", "context_window", "max_output_tokens", "operations", "input_modalities", "output_modalities", "features", "shutdown_date", "object")
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    OWNED_BY_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_WINDOW_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    INPUT_MODALITIES_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_MODALITIES_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    SHUTDOWN_DATE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    id: str
    display_name: str
    created: int
    owned_by: str
    context_window: int
    max_output_tokens: int
    operations: _containers.RepeatedScalarFieldContainer[Operation]
    input_modalities: _containers.RepeatedScalarFieldContainer[str]
    output_modalities: _containers.RepeatedScalarFieldContainer[str]
    features: _containers.RepeatedScalarFieldContainer[str]
    shutdown_date: str
    object: bytes
    def __init__(self, id: _Optional[str] = ..., display_name: _Optional[str] = ..., created: _Optional[int] = ..., owned_by: _Optional[str] = ..., context_window: _Optional[int] = ..., max_output_tokens: _Optional[int] = ..., operations: _Optional[_Iterable[_Union[Operation, str]]] = ..., input_modalities: _Optional[_Iterable[str]] = ..., output_modalities: _Optional[_Iterable[str]] = ..., features: _Optional[_Iterable[str]] = ..., shutdown_date: _Optional[str] = ..., object: _Optional[bytes] = ...) -> None: ...
