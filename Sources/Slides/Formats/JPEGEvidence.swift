import CJPEG

/// What a JPEG stream says of its components.
struct JPEGEvidence: Equatable {
    /// Of its Adobe APP14 marker: 0 none (RGB), 1 YCbCr; nil without the marker.
    var adobeTransform: Int?
    /// Of its frame header, in order.
    var componentIDs: [UInt8]
    var hasJFIF: Bool
    /// Whether a component has fewer samples than the first.
    var isSubsampled: Bool
}

extension JPEGEvidence {
    /// Reads no further than to the first scan.
    ///
    /// nil where there is no frame and scan in the stream.
    /// - Parameters:
    ///   - stream: a tile, or as much of it as has its header.
    ///   - tables: what tiles have in common (JPEGTables of a TIFF); markers may stand there too.
    init?(stream: UnsafeBufferPointer<UInt8>, tables: UnsafeBufferPointer<UInt8>?) {
        var found = cjpeg_evidence()
        let failed = cjpeg_read_evidence(
            tables?.baseAddress,
            tables?.count ?? 0,
            stream.baseAddress,
            stream.baseAddress == nil ? 0 : stream.count,
            &found
        )
        guard failed == 0 else { return nil }
        self.init(
            adobeTransform: found.adobe_transform < 0 ? nil : Int(found.adobe_transform),
            componentIDs: withUnsafeBytes(of: &found.component_ids) { Array($0.prefix(Int(found.component_count))) },
            hasJFIF: found.has_jfif != 0,
            isSubsampled: found.is_subsampled != 0
        )
    }
}
