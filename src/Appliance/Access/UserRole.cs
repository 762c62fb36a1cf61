using System;

namespace Appliance.Access;

/// <summary>What a user may do, and what a route needs. Each role includes those before it.</summary>
internal enum UserRole
{
    /// <summary>Not even a login: what a public route needs, and all that somebody without a role has.</summary>
    Anyone,

    /// <summary>Reads the metrics and nothing else: for a scraper, whose password lies in a file somewhere else.</summary>
    Metrics,

    /// <summary>Reads everything that is no secret.</summary>
    Viewer,

    /// <summary>Does what the device is made for, and leaves its set-up as it is.</summary>
    Operator,

    /// <summary>Everything.</summary>
    Admin,
}

/// <summary>The roles as settings and answers name them.</summary>
internal static class UserRoleNames
{
    /// <summary>The roles a user can be given, as a message lists them.</summary>
    public const string Known = "metrics, viewer, operator or admin";

    private static readonly string[] Names = ["", "metrics", "viewer", "operator", "admin"];

    public static string NameOf(UserRole role) => Names[(int)role];

    /// <returns>False for what is no name of a role that a user can have.</returns>
    public static bool TryParse(string name, out UserRole role)
    {
        role = (UserRole)Math.Max(Array.IndexOf(Names, name), 0);
        return role != UserRole.Anyone;
    }
}
