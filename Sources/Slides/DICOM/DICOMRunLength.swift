/// RLE lossless (PS3.5, annex G): a head of 16 numbers, and a segment of packed bytes for each plane.
enum DICOMRunLength {
    /// The planes one after the other; nil for a frame with another number of them, or one that is not whole.
    /// - Parameter size: of a plane.
    static func planes(_ bytes: UnsafeBufferPointer<UInt8>, count: Int, of size: Int) -> [UInt8]? {
        func number(_ index: Int) -> Int {
            (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[index * 4 + $1]) }
        }
        guard bytes.count >= headSize, number(0) == count else { return nil }
        var planes: [UInt8] = []
        planes.reserveCapacity(count * size)
        for plane in 0..<count {
            let start = number(plane + 1)
            let end = plane + 1 < count ? number(plane + 2) : bytes.count
            guard start >= headSize, start <= end, end <= bytes.count else { return nil }
            guard unpack(UnsafeBufferPointer(rebasing: bytes[start..<end]), (plane + 1) * size, into: &planes) else {
                return nil
            }
        }
        return planes
    }

    /// - Parameter wanted: how many bytes there are to be afterwards.
    private static func unpack(_ packed: UnsafeBufferPointer<UInt8>, _ wanted: Int, into planes: inout [UInt8]) -> Bool
    {
        var at = 0
        while planes.count < wanted {
            guard at < packed.count else { return false }
            let control = packed[at]
            at += 1
            // 128 says nothing.
            if control == 128 { continue }
            if control < 128 {
                let length = Int(control) + 1
                guard length <= packed.count - at, length <= wanted - planes.count else { return false }
                planes.append(contentsOf: packed[at..<(at + length)])
                at += length
            } else {
                let length = 257 - Int(control)
                guard at < packed.count, length <= wanted - planes.count else { return false }
                planes.append(contentsOf: repeatElement(packed[at], count: length))
                at += 1
            }
        }
        return true
    }

    private static let headSize = 64
}
