namespace FastCgi;

/// <summary>Where a request object is in its life. Changed under the connection's lock.</summary>
internal enum RequestState
{
    /// <summary>Ready for a request.</summary>
    Free,

    /// <summary>Its parameters are arriving.</summary>
    Receiving,

    /// <summary>Its handler has been started; its body may still be arriving.</summary>
    Running,

    /// <summary>END_REQUEST is about to be written: records for its id are skipped, and the front may use the id again.</summary>
    Ending,

    /// <summary>As <see cref="Ending"/>, but its handler does not end: nothing of that one's is sent any more.</summary>
    Abandoned,

    /// <summary>Its END_REQUEST is sent, its handler still runs.</summary>
    Answered,

    /// <summary>Over. Only the connection's reader, which may still hold a piece of its body, makes it free.</summary>
    Finished,
}
