using System;
using System.Collections.Generic;
using System.Text;
using FastCgi;

namespace Appliance.Status;

/// <summary>Which members of the document a client wants: <c>?fields=cpu,memory</c>; all when it does not say.</summary>
internal static class StatusSelection
{
    /// <summary>Reads the query; parameters of other names are not looked at. Several "fields" add up.</summary>
    /// <returns>Null for all.</returns>
    /// <exception cref="RequestRefusedException">A name is not in the table.</exception>
    public static Predicate<StatusPart>? Parse(ReadOnlySpan<byte> query, IReadOnlyList<StatusPart> parts)
    {
        HashSet<string>? names = null;
        QueryReader parameters = new(query);
        while (parameters.TryRead(out ReadOnlySpan<byte> parameter, out ReadOnlySpan<byte> value))
        {
            if (!parameter.SequenceEqual("fields"u8))
                continue;
            names ??= [];
            foreach (string name in Encoding.UTF8.GetString(value).Split(','))
                names.Add(Known(name, parts));
        }
        return names is null ? null : part => names.Contains(part.Name);
    }

    private static string Known(string name, IReadOnlyList<StatusPart> parts)
    {
        string[] known = new string[parts.Count];
        for (int i = 0; i < known.Length; i++)
        {
            known[i] = parts[i].Name;
            if (known[i] == name)
                return name;
        }
        throw new RequestRefusedException(400, $"there is no field \"{Excerpt.Of(name)}\"; known are {string.Join(", ", known)}");
    }
}
