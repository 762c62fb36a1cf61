using System;

namespace FastCgi.Protocol;

/// <summary>The flags of BEGIN_REQUEST. FastCGI 1.0 §5.1; all other bits are ignored.</summary>
[Flags]
public enum RequestFlags : byte
{
    /// <summary>The application closes the connection after the request.</summary>
    None = 0,

    /// <summary>FCGI_KEEP_CONN: the front decides when the connection closes.</summary>
    KeepConnection = 1,
}
