using System;

namespace FastCgi.Protocol;

/// <summary>The names a front may ask for with GET_VALUES. FastCGI 1.0 §4.1.</summary>
public static class ManagementVariable
{
    /// <summary>The most connections the application accepts at once, in decimal.</summary>
    public static ReadOnlySpan<byte> MaxConnections => "FCGI_MAX_CONNS"u8;

    /// <summary>The most requests the application serves at once, in decimal.</summary>
    public static ReadOnlySpan<byte> MaxRequests => "FCGI_MAX_REQS"u8;

    /// <summary>"1" when requests may share a connection, "0" when not.</summary>
    public static ReadOnlySpan<byte> MultiplexesConnections => "FCGI_MPXS_CONNS"u8;
}
