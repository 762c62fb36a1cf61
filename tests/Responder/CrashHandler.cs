using System;
using System.Threading;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/crash</c>: an exception where nobody catches it, which ends the process.</summary>
internal sealed class CrashHandler : IRequestHandler
{
    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        var thread = new Thread(static () => throw new InvalidOperationException("nobody catches this"));
        thread.Start();
        thread.Join();
        return default;
    }
}
