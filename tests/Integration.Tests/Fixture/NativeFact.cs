using Xunit;

namespace Integration.Tests.Fixture;

/// <summary>A fact about the published binaries: skipped with the reason where they, or lighttpd, are missing; failed on the runner.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute()
    {
        if (!Machine.IsRunner)
            Skip = Machine.Missing;
    }
}

/// <summary>The same with data.</summary>
public sealed class NativeTheoryAttribute : TheoryAttribute
{
    public NativeTheoryAttribute()
    {
        if (!Machine.IsRunner)
            Skip = Machine.Missing;
    }
}
