using System;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>How a program was started.</summary>
public enum LaunchMode
{
    /// <summary>By nobody who says what for: by hand, or by a service manager without a socket.</summary>
    Unknown,

    /// <summary>With a listening socket, for <see cref="ListenSocket.Inherit"/>.</summary>
    FastCgi,

    /// <summary>For one request, for <see cref="CgiProgram"/>.</summary>
    Cgi,
}

/// <summary>Tells how this program was started from what was left for it.</summary>
public static class Launch
{
    /// <summary>
    /// A socket handed over by a service manager (sd_listen_fds(3)), or a listening socket on descriptor 0 (FastCGI 1.0 §2.2), is
    /// FastCGI, whatever else is there: variables of a CGI program may come from whoever started the web server. Otherwise
    /// GATEWAY_INTERFACE says CGI (RFC 3875 §4.1.4).
    /// </summary>
    public static LaunchMode Detect()
    {
        if (SocketActivation.IsForThisProcess || LibC.IsListening(0))
            return LaunchMode.FastCgi;
        return Environment.GetEnvironmentVariable("GATEWAY_INTERFACE") is null ? LaunchMode.Unknown : LaunchMode.Cgi;
    }
}
