using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http.Headers;
using System.Text;

namespace Integration.Tests.Fixture;

/// <summary>The users of the tests' lighttpd: one for each role, and a stranger, who has a password and no role. All have one password.</summary>
public static class Logins
{
    /// <summary>The part of the configuration that asks for passwords.</summary>
    public const string Part = "appliance-auth.conf";

    public const string Admin = "admin";
    public const string Password = "attic-door";

    // As README tells to make one: openssl passwd -6
    private const string Hash = "$6$attic$A/WphBFdES3GN3q8B1wfz24QvfElypJj6zXM0y4DMnK1CF6esp6/EjE7sBIYojA5GBe6UtmQ/ARPVA.H90l1y/";

    private static readonly Dictionary<string, string> Roles = new()
    {
        ["admin"] = "admin",
        ["otto"] = "operator",
        ["vera"] = "viewer",
        ["scraper"] = "metrics",
    };

    /// <summary>What lighttpd's mod_authn_file reads.</summary>
    public static string PasswordFile => string.Concat(Roles.Keys.Append("stranger").Select(user => $"{user}:{Hash}\n"));

    /// <summary>The roles as settings in the environment.</summary>
    public static IReadOnlyDictionary<string, string> Settings =>
        Roles.ToDictionary(user => $"APPLIANCE_ACCESS_USERS_{user.Key}", user => user.Value);

    public static AuthenticationHeaderValue Header(string user, string password = Password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
}
