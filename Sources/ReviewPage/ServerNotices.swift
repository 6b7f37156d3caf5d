import Synchronization

/// What the server's terminal is told, each thing once: a page asks for the same picture again and again.
final class ServerNotices: Sendable {
    private let told = Mutex<Set<String>>([])
    private let tell: @Sendable (String) -> Void

    init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

    func say(_ text: String) {
        // Who asks for nonsense must not fill the memory with it.
        let isNew = told.withLock { $0.count < 1000 && $0.insert(text).inserted }
        if isNew { tell(text) }
    }
}
