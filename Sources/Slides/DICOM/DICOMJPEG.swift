/// What a JPEG frame says of its components, in the markers before its first scan (ITU-T T.81, annex B).
enum DICOMJPEG {
    /// nil for a stream without a frame header.
    static func evidence(of stream: [UInt8]) -> JPEGEvidence? {
        var evidence = JPEGEvidence(adobeTransform: nil, componentIDs: [], hasJFIF: false, isSubsampled: false)
        var at = 2
        while at + 4 <= stream.count, stream[at] == 0xFF {
            let marker = stream[at + 1]
            // Fill bytes, and markers without a length.
            if marker == 0xFF {
                at += 1
                continue
            }
            let length = Int(stream[at + 2]) << 8 | Int(stream[at + 3])
            guard length >= 2, length <= stream.count - at - 2 else { return nil }
            let segment = stream[(at + 4)..<(at + 2 + length)]
            switch marker {
            case 0xE0 where segment.starts(with: "JFIF\0".utf8): evidence.hasJFIF = true
            case 0xEE where segment.starts(with: "Adobe".utf8) && segment.count >= 12:
                evidence.adobeTransform = Int(segment[segment.startIndex + 11])
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                return frame(segment, &evidence) ? evidence : nil
            case 0xDA: return nil
            default: break
            }
            at += 2 + length
        }
        return nil
    }

    private static func frame(_ segment: ArraySlice<UInt8>, _ evidence: inout JPEGEvidence) -> Bool {
        let start = segment.startIndex
        guard segment.count >= 6, segment.count >= 6 + 3 * Int(segment[start + 5]) else { return false }
        let components = (0..<Int(segment[start + 5])).map { start + 6 + 3 * $0 }
        evidence.componentIDs = components.map { segment[$0] }
        let sampling = components.map { segment[$0 + 1] }
        evidence.isSubsampled = sampling.contains { $0 != sampling.first }
        return true
    }
}
