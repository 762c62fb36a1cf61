using System;
using FastCgi;

namespace Appliance.Access;

/// <summary>Whether the user whom the front has authenticated may have what a route gives.</summary>
/// <remarks>
/// The front checks passwords and says who it is in REMOTE_USER (RFC 3875 §4.1.11), which no field of a request can set: those
/// become HTTP_…. Without that variable nobody has logged in, however the front is set up.
/// </remarks>
internal sealed class Authorization(UserRoles users, string realm)
{
    // RFC 9110 §15.5.2: a 401 carries a challenge. It is the one of the front, which usually sends it before we are asked.
    private readonly Refusal _challenge =
        new(401, "this needs a login", "WWW-Authenticate", $"Basic realm=\"{realm}\", charset=\"UTF-8\"");

    /// <summary>401 without a login, 403 for a user whose role does not include the one that is needed; null for all others.</summary>
    public Refusal? Refuse(FastCgiRequest request, UserRole needed)
    {
        if (needed == UserRole.Anyone)
            return null;
        ReadOnlySpan<byte> user = request.Parameters["REMOTE_USER"u8];
        if (user.IsEmpty)
            return _challenge;
        UserRole role = users.Of(user);
        if (role >= needed)
            return null;
        return new Refusal(403, role == UserRole.Anyone
            ? $"user \"{Excerpt.Of(user)}\" has no role in the settings (Access:Users)"
            : $"user \"{Excerpt.Of(user)}\" has the role {UserRoleNames.NameOf(role)}; this needs {UserRoleNames.NameOf(needed)}");
    }
}
