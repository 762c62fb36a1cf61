namespace FastCgi.Protocol;

/// <summary>What a record carries. FastCGI 1.0 §8, <c>FCGI_BEGIN_REQUEST</c> … <c>FCGI_UNKNOWN_TYPE</c>.</summary>
public enum RecordType : byte
{
    /// <summary>Not a type of the specification; what a default header holds.</summary>
    None = 0,

    /// <summary>FCGI_BEGIN_REQUEST, front to application: opens a request (§5.1).</summary>
    BeginRequest = 1,

    /// <summary>FCGI_ABORT_REQUEST, front to application: the client has gone (§5.4).</summary>
    AbortRequest = 2,

    /// <summary>FCGI_END_REQUEST, application to front: closes a request (§5.5).</summary>
    EndRequest = 3,

    /// <summary>FCGI_PARAMS, a stream of name-value pairs (§5.2).</summary>
    Params = 4,

    /// <summary>FCGI_STDIN, the request body as a stream (§5.3).</summary>
    Stdin = 5,

    /// <summary>FCGI_STDOUT, the CGI response as a stream (§5.3).</summary>
    Stdout = 6,

    /// <summary>FCGI_STDERR, error text as a stream (§5.3).</summary>
    Stderr = 7,

    /// <summary>FCGI_DATA, the file a Filter works on, as a stream (§5.3).</summary>
    Data = 8,

    /// <summary>FCGI_GET_VALUES, management: asks for variables (§4.1).</summary>
    GetValues = 9,

    /// <summary>FCGI_GET_VALUES_RESULT, management: the answer (§4.1).</summary>
    GetValuesResult = 10,

    /// <summary>FCGI_UNKNOWN_TYPE, management: the answer to a type not known here (§4.2).</summary>
    UnknownType = 11,
}
