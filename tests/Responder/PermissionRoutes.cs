using System;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary>
/// What an authorizer says to <c>/secret/NAME[?until=FILE]</c>: the name decides. Anything but <c>allowed</c> and <c>variables</c>, and
/// <c>slow</c> and <c>blocking</c> once the file is there, is to be denied.
/// </summary>
internal sealed class PermissionRoutes(Counters counters) : IRequestRouter
{
    private const string Folder = "/secret/";

    public Route Resolve(FastCgiRequest request) => NameIn(request.Parameters.GetString("REQUEST_URI"u8) ?? "") switch
    {
        "allowed" or "variables" => new Route(new Permission(Allow)),
        "slow" => new Route(new Permission(AllowLater)),
        "blocking" => new Route(new Permission(AllowBlocking), MayBlock: true),
        "login" => new Route(new Permission(AskForLogin)),
        "forgotten" => new Route(new Permission((_, _) => default)),
        "failing" => new Route(new Permission(FailAfterAll)),
        _ => new Route(new ProblemHandler(404, "there is nothing to permit")),
    };

    private static string NameIn(string target)
    {
        string path = target.Split('?')[0];
        return path.StartsWith(Folder, StringComparison.Ordinal) ? path[Folder.Length..] : "";
    }

    private static ValueTask Allow(FastCgiRequest request, FastCgiResponse response)
    {
        response.StatusCode = 200;
        response.AddVariable("AUTH_USER"u8, "tester"u8);
        return default;
    }

    private static ValueTask AskForLogin(FastCgiRequest request, FastCgiResponse response)
    {
        response.StatusCode = 401;
        response.AddHeader("WWW-Authenticate"u8, "Basic realm=\"secret\""u8);
        return default;
    }

    private static async ValueTask FailAfterAll(FastCgiRequest request, FastCgiResponse response)
    {
        await Allow(request, response).ConfigureAwait(false);
        await response.Body.FlushAsync().ConfigureAwait(false);
        throw new InvalidOperationException("after all");
    }

    private async ValueTask AllowLater(FastCgiRequest request, FastCgiResponse response)
    {
        counters.NoteHeld();
        await ReleaseFile.WaitAsync(QueryOption.Needed(request, "until"), request.Aborted).ConfigureAwait(false);
        await Allow(request, response).ConfigureAwait(false);
    }

    private ValueTask AllowBlocking(FastCgiRequest request, FastCgiResponse response)
    {
        counters.NoteBlocked();
        ReleaseFile.Block(QueryOption.Needed(request, "until"), request.Aborted);
        return Allow(request, response);
    }

    private sealed class Permission(Func<FastCgiRequest, FastCgiResponse, ValueTask> decide) : IRequestHandler
    {
        public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response) => decide(request, response);
    }
}
