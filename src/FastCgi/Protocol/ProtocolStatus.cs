namespace FastCgi.Protocol;

/// <summary>How a request ended on the protocol's level. FastCGI 1.0 §5.5.</summary>
public enum ProtocolStatus : byte
{
    /// <summary>FCGI_REQUEST_COMPLETE: the normal end.</summary>
    RequestComplete = 0,

    /// <summary>FCGI_CANT_MPX_CONN: one request at a time on this connection.</summary>
    CannotMultiplex = 1,

    /// <summary>FCGI_OVERLOADED: out of some resource.</summary>
    Overloaded = 2,

    /// <summary>FCGI_UNKNOWN_ROLE: the role asked for is not played here.</summary>
    UnknownRole = 3,
}
