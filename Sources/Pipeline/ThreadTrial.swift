import Dispatch
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Makes threads that do nothing, to see how many the system allows.
enum ThreadTrial {
    private static let stack = 64 << 10

    /// Makes up to `wanted` threads that live at the same time, and ends them.
    /// - Returns: how many there were, and what the next one was refused for.
    static func make(_ wanted: Int) -> (count: Int, code: Int32) {
        let gate = DispatchSemaphore(value: 0)
        let argument = Unmanaged.passUnretained(gate).toOpaque()
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        guard pthread_attr_init(attributes) == 0 else { return (0, ENOMEM) }
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setstacksize(attributes, stack)
        var threads: [pthread_t] = []
        var code: Int32 = 0
        while threads.count < wanted {
            var thread = pthread_t()
            code = pthread_create(
                &thread,
                attributes,
                { argument in
                    // Freed only after every thread was joined.
                    argument.map { Unmanaged<DispatchSemaphore>.fromOpaque($0).takeUnretainedValue() }?.wait()
                    return nil
                },
                argument
            )
            guard code == 0 else { break }
            threads.append(thread)
        }
        for _ in threads { gate.signal() }
        for thread in threads { pthread_join(thread, nil) }
        return (threads.count, code)
    }
}
