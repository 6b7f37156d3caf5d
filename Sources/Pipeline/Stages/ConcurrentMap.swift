import Dispatch
import Synchronization

extension Array where Element: Sendable {
    /// As `map`, on all cores; for many small questions to the disk.
    /// - Parameter atOnce: elements that one core takes at a time: 1 where one may cost far more than another.
    /// - Throws: what `body` throws for the first element that it throws for.
    func concurrentMap<Value: Sendable>(
        atOnce size: Int = 64,
        _ body: @Sendable (Element) throws -> Value
    ) throws -> [Value] {
        // A lock for each element would cost more than the question.
        let pieces = stride(from: 0, to: count, by: size).map { $0..<Swift.min($0 + size, count) }
        let found = Mutex([Result<[Value], any Error>](repeating: .success([]), count: pieces.count))
        DispatchQueue.concurrentPerform(iterations: pieces.count) { piece in
            let values = Result { try self[pieces[piece]].map(body) }
            found.withLock { $0[piece] = values }
        }
        return try found.withLock { found in
            var all: [Value] = []
            all.reserveCapacity(count)
            for values in found { all += try values.get() }
            return all
        }
    }
}
