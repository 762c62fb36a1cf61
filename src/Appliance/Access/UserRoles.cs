using System;
using System.Text;

namespace Appliance.Access;

/// <summary>Who may do what, by the name under which the front knows them. Names are compared byte by byte, as UTF-8.</summary>
internal sealed class UserRoles
{
    private readonly (byte[] Name, UserRole Role)[] _users;

    private UserRoles((byte[] Name, UserRole Role)[] users) => _users = users;

    /// <summary>Nobody may do anything.</summary>
    public static UserRoles None { get; } = new([]);

    /// <summary>The same, and this user has this role, in place of one given before.</summary>
    public UserRoles With(string name, UserRole role)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        int at = Array.FindIndex(_users, user => user.Name.AsSpan().SequenceEqual(bytes));
        if (at < 0)
            return new UserRoles([.. _users, (bytes, role)]);
        (byte[] Name, UserRole Role)[] users = [.. _users];
        users[at].Role = role;
        return new UserRoles(users);
    }

    /// <summary>The user's role; <see cref="UserRole.Anyone"/> for one who has none.</summary>
    public UserRole Of(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] known, UserRole role) in _users)
        {
            if (name.SequenceEqual(known))
                return role;
        }
        return UserRole.Anyone;
    }
}
