using Xunit;

// Each of these tests uses what scripts/package has made, and one makes it anew.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
