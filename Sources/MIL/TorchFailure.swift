public import Records
import Torch

extension Failure {
    /// Like `init(_:subject:)`, for errors that may come from LibTorch.
    public init(computing error: any Error, subject: String? = nil) {
        if let error = error as? TorchError {
            if let failure = Failure(ofDevice: subject, error.description) {
                self = failure
                return
            }
            guard !error.isOutOfMemory else {
                let wayOut = "use a machine with more memory, fewer --workers or slides with fewer patches"
                self.init(.io, subject, "\(error.description); \(wayOut)")
                return
            }
            self.init(.torch, subject, error.description)
        } else {
            self.init(error, subject: subject)
        }
    }
}

extension TorchError {
    /// That memory ran out is the machine's fault, whichever allocator says it.
    fileprivate var isOutOfMemory: Bool {
        message.contains(/can't allocate memory|[Nn]ot enough memory|out of memory|bad_alloc/)
    }
}
