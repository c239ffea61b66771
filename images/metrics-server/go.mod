module skiff.dev/metrics-server

go 1.26.4

require sigs.k8s.io/metrics-server v0.9.0

require (
	k8s.io/api v0.37.2
	k8s.io/apimachinery v0.37.2
	k8s.io/apiserver v0.37.2
	k8s.io/client-go v0.37.2
	k8s.io/component-base v0.37.2
	k8s.io/metrics v0.37.2
)
