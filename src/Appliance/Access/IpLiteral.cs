using System;

namespace Appliance.Access;

/// <summary>IP addresses as a URI writes them (RFC 3986 §3.2.2), and not the other ways in which C libraries read them.</summary>
internal static class IpLiteral
{
    private const int GroupsOfVersion6 = 8;
    private const int Malformed = -1;

    /// <summary>Four numbers of 0 to 255 without zeros in front, with dots between.</summary>
    public static bool IsVersion4(ReadOnlySpan<byte> text)
    {
        int numbers = 1;
        int digits = 0;
        int value = 0;
        foreach (byte b in text)
        {
            if (b == '.')
            {
                if (digits == 0 || ++numbers > 4)
                    return false;
                digits = value = 0;
                continue;
            }
            if (!char.IsAsciiDigit((char)b) || (digits > 0 && value == 0))
                return false;
            digits++;
            value = value * 10 + (b - '0');
            if (value > byte.MaxValue)
                return false;
        }
        return numbers == 4 && digits > 0;
    }

    /// <summary>Eight groups with colons between; "::" stands for one or more of zeros, and the last two may be an IPv4 address.</summary>
    public static bool IsVersion6(ReadOnlySpan<byte> text)
    {
        int gap = text.IndexOf("::"u8);
        if (gap < 0)
            return CountGroups(text, mayEndInVersion4: true) == GroupsOfVersion6;
        int before = CountGroups(text[..gap], mayEndInVersion4: false);
        int behind = CountGroups(text[(gap + 2)..], mayEndInVersion4: true);
        return before != Malformed && behind != Malformed && before + behind < GroupsOfVersion6;
    }

    /// <summary>How many groups of 16 bits a text has, 0 when it is empty, or <see cref="Malformed"/>.</summary>
    private static int CountGroups(ReadOnlySpan<byte> text, bool mayEndInVersion4)
    {
        int groups = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)':');
            if (end < 0 && mayEndInVersion4 && IsVersion4(text))
                return groups + 2;
            ReadOnlySpan<byte> group = end < 0 ? text : text[..end];
            if (group.Length is < 1 or > 4 || !IsHexadecimal(group) || end == text.Length - 1)
                return Malformed;
            groups++;
            text = end < 0 ? default : text[(end + 1)..];
        }
        return groups;
    }

    private static bool IsHexadecimal(ReadOnlySpan<byte> text)
    {
        foreach (byte digit in text)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
        }
        return true;
    }
}
