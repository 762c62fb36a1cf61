namespace FastCgi.Tests.Fuzzing;

/// <summary>Listens for failures nobody planned; everything else is composed and forgotten.</summary>
internal sealed class FuzzedLog(bool debug) : IServerLog
{
    private volatile string? _failure;

    /// <summary>The first failure of the program itself.</summary>
    public string? Failure => _failure;

    public bool IsEnabled(ServerLogLevel level) => level > ServerLogLevel.Debug || debug;

    public void Write(ServerLogLevel level, string message)
    {
        if (level == ServerLogLevel.Error && !FuzzedSite.IsPlanned(message))
            _failure ??= message;
    }
}
