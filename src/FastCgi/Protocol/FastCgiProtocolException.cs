using System;

namespace FastCgi.Protocol;

/// <summary>The peer broke the protocol (FastCGI 1.0 §3–§5) and nothing that follows on this connection can be trusted.</summary>
/// <remarks>The message names the offending value; the connection that sent it is closed.</remarks>
public sealed class FastCgiProtocolException : Exception
{
    /// <summary>Creates the exception with a message that names the offending value.</summary>
    public FastCgiProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and the error behind it.</summary>
    public FastCgiProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception without a message.</summary>
    public FastCgiProtocolException()
    {
    }
}
