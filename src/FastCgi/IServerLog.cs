namespace FastCgi;

/// <summary>How much a log line matters.</summary>
public enum ServerLogLevel
{
    /// <summary>For somebody looking for a fault: what peers did, request by request.</summary>
    Debug,

    /// <summary>Start, stop and other things that happen once.</summary>
    Information,

    /// <summary>Somebody else misbehaved and was refused.</summary>
    Warning,

    /// <summary>This program failed.</summary>
    Error,
}

/// <summary>Where the server reports events, one line each. Implementations must not block for long and must not throw.</summary>
public interface IServerLog
{
    /// <summary>Whether lines of this level are kept; asked before a line is composed.</summary>
    bool IsEnabled(ServerLogLevel level);

    /// <summary>Keeps an event. It may quote bytes a peer sent, and have line breaks when it quotes an exception.</summary>
    void Write(ServerLogLevel level, string message);
}

/// <summary>Keeps nothing.</summary>
internal sealed class NoLog : IServerLog
{
    public bool IsEnabled(ServerLogLevel level) => false;

    public void Write(ServerLogLevel level, string message)
    {
        // Nobody asked for it.
    }
}
