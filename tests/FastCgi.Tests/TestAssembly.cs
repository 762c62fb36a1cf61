namespace FastCgi.Tests;

/// <summary>Where xunit finds what <see cref="CaseAttribute"/> needs: the project it is compiled into.</summary>
internal static class TestAssembly
{
    public const string Name = "FastCgi.Tests";
}
