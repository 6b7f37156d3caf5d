extension JPEGEvidence {
    /// - Returns: nil where the stream has no header.
    init?(stream: UnsafeBufferPointer<UInt8>, tables: UnsafeBufferPointer<UInt8>?) { return nil }
}
