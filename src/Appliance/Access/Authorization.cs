using System;
using FastCgi;

namespace Appliance.Access;

/// <summary>Whether the user whom the front has authenticated may have what a route gives.</summary>
/// <remarks>
/// The front checks passwords, and says who it is in REMOTE_USER and how it asked in AUTH_TYPE (RFC 3875 §4.1.11, §4.1.1), which no
/// field of a request can set: those become HTTP_…. Both are needed: with nginx's usual fastcgi_params REMOTE_USER is any name that
/// the client has written, whether a password was asked for or not.
/// </remarks>
internal sealed class Authorization(UserRoles users, string realm)
{
    // RFC 9110 §15.5.2: a 401 carries a challenge. It is the one of the front, which usually sends it before we are asked.
    private readonly Refusal _challenge = Challenge("this needs a login", realm);
    private readonly Refusal _uncheckedUser = Challenge("this needs a login; the web server passes on a user without AUTH_TYPE, so it has not checked it", realm);

    /// <summary>401 without a login, 403 for a user whose role does not include the one that is needed; null for all others.</summary>
    public Refusal? Refuse(FastCgiRequest request, UserRole needed)
    {
        if (needed == UserRole.Anyone)
            return null;
        ReadOnlySpan<byte> user = request.Parameters["REMOTE_USER"u8];
        if (user.IsEmpty)
            return _challenge;
        if (request.Parameters["AUTH_TYPE"u8].IsEmpty)
            return _uncheckedUser;
        UserRole role = users.Of(user);
        if (role >= needed)
            return null;
        return new Refusal(403, role == UserRole.Anyone
            ? $"user \"{Excerpt.Of(user)}\" has no role in the settings (Access:Users)"
            : $"user \"{Excerpt.Of(user)}\" has the role {UserRoleNames.NameOf(role)}; this needs {UserRoleNames.NameOf(needed)}");
    }

    private static Refusal Challenge(string detail, string realm) =>
        new(401, detail, "WWW-Authenticate", $"Basic realm=\"{realm}\", charset=\"UTF-8\"");
}
