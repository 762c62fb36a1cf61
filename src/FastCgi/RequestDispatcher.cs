using System;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>Starts handlers, keeps the bounds on how many run, and turns what goes wrong in them into answers.</summary>
internal sealed class RequestDispatcher
{
    private readonly BlockingHandlers _blocking;
    private IRequestRouter _router;
    private RequestObserver? _observer;
    private int _running;

    public RequestDispatcher(IRequestRouter router, ServerLimits limits, IServerLog log, IRequestLog? requestLog = null)
    {
        _router = router;
        Log = new EventLog(log);
        Limits = limits;
        Requests = new RequestPool(limits);
        _observer = RequestObserver.For(Log, Counters, limits, requestLog);
        _blocking = new BlockingHandlers(limits, HandleAsync);
    }

    public ServerLimits Limits { get; private set; }

    public EventLog Log { get; }

    public ServerCounters Counters { get; } = new();

    /// <summary>Who is told of requests; null when nobody wants to know.</summary>
    public RequestObserver? Observer => _observer;

    /// <summary>Requests being answered now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>The handlers that may block.</summary>
    public BlockingHandlers Blocking => _blocking;

    /// <summary>Other rules: see <see cref="FastCgiServer.Change"/>. Called where requests are started.</summary>
    public void Change(IRequestRouter router, ServerLimits limits, IRequestLog? requestLog)
    {
        _router = router;
        Limits = limits;
        Requests = new RequestPool(limits);
        _blocking.Limits = limits;
        _observer = RequestObserver.For(Log, Counters, limits, requestLog);
    }

    /// <summary>Where the connections take their request objects from.</summary>
    public RequestPool Requests { get; private set; }

    /// <summary>Whether requests in a role are served.</summary>
    public bool Plays(Role role) => _router.Plays(role);

    /// <summary>Answers a request whose parameters are complete. Returns when its handler has ended or awaits something.</summary>
    public void Start(FastCgiRequest request)
    {
        Route route = Choose(request);
        long now = Environment.TickCount64;
        request.Start(route, now, now + (long)request.Limits.RequestTimeout.TotalMilliseconds);
        NoteStart(request);
        if (!route.MayBlock)
            _ = HandleAsync(request, route.Handler);
        else if (!_blocking.TryAdd(request, route.Handler))
            _ = HandleAsync(request, Overloaded());
    }

    /// <summary>Answers a request without asking the router.</summary>
    public void Refuse(FastCgiRequest request, int statusCode, string detail)
    {
        var handler = new ProblemHandler(statusCode, detail);
        request.Start(new Route(handler), Environment.TickCount64, deadline: long.MaxValue);
        NoteStart(request);
        ServerCounters.Add(ref Counters.Refused);
        _ = HandleAsync(request, handler);
    }

    private void NoteStart(FastCgiRequest request)
    {
        Counters.Requests++;
        int running = Interlocked.Increment(ref _running);
        if (running > Counters.MostRunning)
            Counters.MostRunning = running;
        _observer?.Started(request);
    }

    private ProblemHandler Overloaded()
    {
        ServerCounters.Add(ref Counters.Overloaded);
        return ProblemHandler.Overloaded;
    }

    private Route Choose(FastCgiRequest request)
    {
        try
        {
            request.Prepare(); // first: an answer to HEAD has no body, whatever it says
            if (request.CameTooLate)
                return new Route(ProblemHandler.Stopping);
            if (Volatile.Read(ref _running) >= Limits.MaxRequests || Volatile.Read(ref Counters.UnsentBytes) > Limits.MaxUnsentBytes)
                return new Route(Overloaded());
            return _router.Resolve(request);
        }
        catch (RequestRefusedException e)
        {
            ServerCounters.Add(ref Counters.Refused);
            return new Route(new ProblemHandler(e.StatusCode, e.Message));
        }
        catch (Exception e)
        {
            ServerCounters.Add(ref Counters.Failed);
            Log.ReportFailure(EventKind.RouterFailed, "the router failed", e);
            return new Route(ProblemHandler.Failed);
        }
    }

    /// <summary>
    /// Runs a handler, and is done when that is: what is left to be sent then goes out by itself, at its reader's pace. One method, for a
    /// handler that has answered at once: each that can wait has its price.
    /// </summary>
    private async Task HandleAsync(FastCgiRequest request, IRequestHandler handler)
    {
        Exception? failure = null;
        try
        {
            if (request.IsCancelled)
                throw new OperationCanceledException("the request was cancelled before its handler could start");
            await handler.HandleAsync(request, request.Response).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }
        Interlocked.Decrement(ref _running); // before the end is sent: then the front may use the place
        _ = EndAsync(request, handler, failure);
    }

    private async Task EndAsync(FastCgiRequest request, IRequestHandler handler, Exception? failure)
    {
        try
        {
            if (failure is not null)
                await RecoverAsync(request, handler, failure).ConfigureAwait(false);
            else if (handler == ProblemHandler.Overloaded && Limits.RefuseWithOverloaded && request.Role != Role.Authorizer)
                await request.Response.CutShortAsync(new EndRequestBody(0, ProtocolStatus.Overloaded)).ConfigureAwait(false);
            else
                await request.Response.CompleteAsync(request.IsCancelled ? 1u : 0u).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await RecoverAsync(request, handler, e).ConfigureAwait(false);
        }
        _observer?.Ended(request);
        request.Connection.Finish(request);
    }

    /// <summary>Says as much of an error as can still be said: see the table of failures in README.</summary>
    private async ValueTask RecoverAsync(FastCgiRequest request, IRequestHandler handler, Exception reason)
    {
        if (request.IsAbandoned)
            return; // all is said
        try
        {
            FastCgiResponse response = request.Response;
            ProblemHandler? answer = AnswerFor(request, handler, reason) ?? (request.Role == Role.Authorizer ? ProblemHandler.Cancelled : null);
            if (answer is not null && !response.HasReachedFront)
            {
                response.StartOver();
                await answer.HandleAsync(request, response).ConfigureAwait(false);
                await response.CompleteAsync(answer.IsServersFault ? 1u : 0u).ConfigureAwait(false);
            }
            else if (answer is null || response.HasReachedFrontWhole || !await request.Connection.TryBreakOffAsync(request).ConfigureAwait(false))
            {
                await response.CutShortAsync(new EndRequestBody(1, ProtocolStatus.RequestComplete)).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Log.ReportFailure(EventKind.AnswerFailed, "an error could not be answered", e);
            request.Connection.Abort();
        }
    }

    /// <summary>What the client is told; null when nobody waits for an answer.</summary>
    private ProblemHandler? AnswerFor(FastCgiRequest request, IRequestHandler handler, Exception reason)
    {
        if (reason is RequestRefusedException refused)
        {
            ServerCounters.Add(ref Counters.Refused);
            return new ProblemHandler(refused.StatusCode, refused.Message);
        }
        if (request.TimedOut)
            return ProblemHandler.TimedOut;
        if (request.IsCancelled || request.Connection.Output.IsBroken)
            return null;
        ServerCounters.Add(ref Counters.Failed);
        Log.ReportFailure(EventKind.HandlerFailed, $"the handler of {RequestDescription.PathOf(request)} failed", reason, handler.GetType());
        return ProblemHandler.Failed;
    }
}
