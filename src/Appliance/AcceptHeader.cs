using System;
using System.Text;

namespace Appliance;

/// <summary>What a client's Accept field says of the media types a route can send (RFC 9110 §12.5.1).</summary>
internal static class AcceptHeader
{
    private const int MaxWeight = 1000; // weights have three decimals (§12.4.2)

    /// <summary>The type with the greatest weight; of equal ones the first.</summary>
    /// <param name="accept">The field's value; empty, as when it is missing, admits everything.</param>
    /// <param name="offered">What the route can send, in its order of preference.</param>
    /// <returns>Null when the field excludes all.</returns>
    public static MediaType? Choose(ReadOnlySpan<byte> accept, ReadOnlySpan<MediaType> offered)
    {
        if (accept.SequenceEqual("*/*"u8)) // what scripts, and programs that do not care, send
            return offered[0];
        MediaType? chosen = null;
        int greatest = 0;
        foreach (MediaType type in offered)
        {
            int weight = Weight(accept, type);
            if (weight <= greatest)
                continue;
            greatest = weight;
            chosen = type;
        }
        return chosen;
    }

    /// <summary>How much the type is wanted, in thousandths; 0 is not at all. The most specific range that matches decides.</summary>
    private static int Weight(ReadOnlySpan<byte> accept, MediaType type)
    {
        if (accept.Trim(" \t"u8).IsEmpty)
            return MaxWeight;
        int best = 0;
        int weight = 0;
        while (!accept.IsEmpty)
        {
            ReadOnlySpan<byte> item = NextPart(ref accept, (byte)',');
            int specificity = Specificity(NextPart(ref item, (byte)';'), type);
            if (specificity == 0 || !ReadParameters(item, type, ref specificity, out int given) || specificity < best)
                continue;
            // Only the version is compared, so two ranges may look equally specific: the greater weight counts.
            weight = specificity == best ? Math.Max(weight, given) : given;
            best = specificity;
        }
        return weight;
    }

    /// <summary>0 for no match, 1 for <c>*/*</c>, 2 for <c>type/*</c>, 3 for the type itself.</summary>
    private static int Specificity(ReadOnlySpan<byte> range, MediaType type)
    {
        int slash = range.IndexOf((byte)'/');
        if (slash < 0)
            return 0;
        ReadOnlySpan<byte> left = range[..slash];
        ReadOnlySpan<byte> right = range[(slash + 1)..];
        if (right is [(byte)'*'])
            return left is [(byte)'*'] ? 1 : Ascii.EqualsIgnoreCase(left, type.Type) ? 2 : 0;
        return Ascii.EqualsIgnoreCase(left, type.Type) && Ascii.EqualsIgnoreCase(right, type.Subtype) ? 3 : 0;
    }

    /// <summary>Reads what stands behind a range.</summary>
    /// <returns>False when it names a version the type does not have; one that it has makes the range more specific.</returns>
    private static bool ReadParameters(ReadOnlySpan<byte> parameters, MediaType type, ref int specificity, out int weight)
    {
        weight = MaxWeight;
        while (!parameters.IsEmpty)
        {
            ReadOnlySpan<byte> parameter = NextPart(ref parameters, (byte)';');
            if (parameter is [(byte)'q' or (byte)'Q', (byte)'=', ..])
            {
                weight = ParseWeight(parameter[2..]);
                return true; // what follows is no parameter of the media type
            }
            if (type.Version.Length == 0 || parameter.Length < 8 || !Ascii.EqualsIgnoreCase(parameter[..8], "version="u8))
                continue;
            if (!parameter[8..].Trim((byte)'"').SequenceEqual(type.Version))
                return false;
            specificity++;
        }
        return true;
    }

    /// <summary>Reads 0.75 as 750 (§12.4.2). What is no weight counts as 1: the client did name the type.</summary>
    private static int ParseWeight(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != (byte)'0')
            return MaxWeight;
        int weight = 0;
        int place = MaxWeight;
        for (int i = 1; i < text.Length; i++)
        {
            if (i == 1 && text[i] == (byte)'.')
                continue;
            if (i == 1 || !char.IsAsciiDigit((char)text[i]))
                return MaxWeight;
            place /= 10;
            weight += place * (text[i] - (byte)'0');
        }
        return weight;
    }

    /// <summary>Takes what stands before the next separator outside quotes, without the blanks around it.</summary>
    private static ReadOnlySpan<byte> NextPart(ref ReadOnlySpan<byte> rest, byte separator)
    {
        int end = rest.IndexOfAny(separator, (byte)'"');
        if (end >= 0 && rest[end] != separator)
            end = EndOutsideQuotes(rest, separator, end);
        ReadOnlySpan<byte> part = (end < 0 ? rest : rest[..end]).Trim(" \t"u8);
        rest = end < 0 ? default : rest[(end + 1)..];
        return part;
    }

    /// <summary>Quoted strings may contain separators, and quotes behind a backslash (RFC 9110 §5.6.4).</summary>
    private static int EndOutsideQuotes(ReadOnlySpan<byte> text, byte separator, int firstQuote)
    {
        bool quoted = false;
        for (int i = firstQuote; i < text.Length; i++)
        {
            if (text[i] == '"')
                quoted = !quoted;
            else if (quoted && text[i] == '\\')
                i++;
            else if (!quoted && text[i] == separator)
                return i;
        }
        return -1;
    }
}
