using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>Starts handlers, keeps the bounds on how many run, and turns what goes wrong in them into answers.</summary>
internal sealed class RequestDispatcher
{
    private readonly IRequestRouter _router;
    private readonly IServerLog _log;
    private readonly BlockingHandlers _blocking;
    private int _running;

    public RequestDispatcher(IRequestRouter router, ServerLimits limits, IServerLog log)
    {
        _router = router;
        _log = log;
        Limits = limits;
        Requests = new RequestPool(limits);
        _blocking = new BlockingHandlers(limits, RunAsync);
    }

    public ServerLimits Limits { get; }

    /// <summary>Where the connections take their request objects from.</summary>
    public RequestPool Requests { get; }

    /// <summary>Whether requests in a role are served.</summary>
    public bool Plays(Role role) => _router.Plays(role);

    /// <summary>Answers a request whose parameters are complete. Returns when its handler has ended or awaits something.</summary>
    public void Start(FastCgiRequest request)
    {
        Route route = Choose(request);
        request.Start(route.MayBlock, Environment.TickCount64 + (long)Limits.RequestTimeout.TotalMilliseconds);
        Interlocked.Increment(ref _running);
        if (!route.MayBlock)
            _ = RunAsync(request, route.Handler);
        else if (!_blocking.TryAdd(request, route.Handler))
            _ = RunAsync(request, ProblemHandler.Overloaded);
    }

    /// <summary>Answers a request without asking the router.</summary>
    public void Refuse(FastCgiRequest request, int statusCode, string detail)
    {
        request.Start(handlerMayBlock: false, deadline: long.MaxValue);
        Interlocked.Increment(ref _running);
        _ = RunAsync(request, new ProblemHandler(statusCode, detail));
    }

    private Route Choose(FastCgiRequest request)
    {
        try
        {
            request.Prepare(Limits.MaxBodyBytes); // first: an answer to HEAD has no body, whatever it says
            if (request.CameTooLate)
                return new Route(ProblemHandler.Stopping);
            if (Volatile.Read(ref _running) >= Limits.MaxRequests)
                return new Route(ProblemHandler.Overloaded);
            return _router.Resolve(request);
        }
        catch (RequestRefusedException e)
        {
            return new Route(new ProblemHandler(e.StatusCode, e.Message));
        }
        catch (Exception e)
        {
            _log.WriteFailure("the router failed", e);
            return new Route(ProblemHandler.Failed);
        }
    }

    private async Task RunAsync(FastCgiRequest request, IRequestHandler handler)
    {
        try
        {
            await HandleAsync(request, handler).ConfigureAwait(false);
            if (handler == ProblemHandler.Overloaded && Limits.RefuseWithOverloaded && request.Role != Role.Authorizer)
                await request.Response.CutShortAsync(new EndRequestBody(0, ProtocolStatus.Overloaded)).ConfigureAwait(false);
            else
                await request.Response.CompleteAsync(request.IsCancelled ? 1u : 0u).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await RecoverAsync(request, e).ConfigureAwait(false);
        }
        request.Connection.Finish(request);
    }

    private async ValueTask HandleAsync(FastCgiRequest request, IRequestHandler handler)
    {
        try
        {
            if (request.IsCancelled)
                throw new OperationCanceledException("the request was cancelled before its handler could start");
            await handler.HandleAsync(request, request.Response).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running); // before the end is sent: then the front may use the place
        }
    }

    /// <summary>Says as much of an error as can still be said: see the table of failures in README.</summary>
    private async ValueTask RecoverAsync(FastCgiRequest request, Exception reason)
    {
        try
        {
            FastCgiResponse response = request.Response;
            ProblemHandler? answer = AnswerFor(request, reason) ?? (request.Role == Role.Authorizer ? ProblemHandler.Cancelled : null);
            if (answer is not null && !response.HasReachedFront)
            {
                response.StartOver();
                await answer.HandleAsync(request, response).ConfigureAwait(false);
                await response.CompleteAsync(answer.IsServersFault ? 1u : 0u).ConfigureAwait(false);
            }
            else if (answer is null || !await request.Connection.TryBreakOffAsync().ConfigureAwait(false))
            {
                await response.CutShortAsync(new EndRequestBody(1, ProtocolStatus.RequestComplete)).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _log.WriteFailure("an error could not be answered", e);
            request.Connection.Abort();
        }
    }

    /// <summary>What the client is told; null when nobody waits for an answer.</summary>
    private ProblemHandler? AnswerFor(FastCgiRequest request, Exception reason)
    {
        if (reason is RequestRefusedException refused)
            return new ProblemHandler(refused.StatusCode, refused.Message);
        if (request.TimedOut)
            return ProblemHandler.TimedOut;
        if (request.IsCancelled || request.Connection.Output.IsBroken)
            return null;
        _log.WriteFailure($"the handler of {Encoding.UTF8.GetString(request.Path)} failed", reason);
        return ProblemHandler.Failed;
    }
}
