using FastCgi;

namespace Appliance;

/// <summary>
/// Refuses the request of a CGI program that has arguments which the client may have put there by its query (RFC 3875 §4.4):
/// <c>?--listen+unix:/tmp/x</c> must not be heeded, and a wrapper's <c>--settings</c> cannot be told from it.
/// </summary>
internal sealed class AmbiguousArguments : IRequestRouter
{
    public Route Resolve(FastCgiRequest request) => throw new RequestRefusedException(400, "a query needs a \"=\" where this program is started with arguments");
}
