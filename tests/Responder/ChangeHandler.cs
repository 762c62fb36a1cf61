using System.Threading.Tasks;
using Appliance.Access;
using FastCgi;

namespace Responder;

/// <summary>
/// <c>/api/change</c>: <c>/api/echo</c> behind the appliance's own check of requests that change something, whatever their method: the
/// appliance has no route yet that needs it.
/// </summary>
internal sealed class ChangeHandler : IRequestHandler
{
    private readonly EchoHandler _echo = new();

    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response) =>
        CrossSiteCheck.Refuse(request) is { } refusal
            ? refusal.Handler.HandleAsync(request, response)
            : _echo.HandleAsync(request, response);
}
