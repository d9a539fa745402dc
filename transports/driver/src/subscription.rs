//! [`Subscription`]: what a listener brings, as a stream.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use gridwire_core::call::{
    Caller, Failure, Family, Learn, Listen, Need, Opener, Order, SubscriptionId, Unopened,
};
use gridwire_core::invoker::{Delivered, Delivery};
use gridwire_core::slab::Key;

use crate::client::Client;
use crate::desk::Next;
use crate::invocation::NEEDS;
use crate::runtime::Runtime;

/// A subscription. It begins at once, and ends when it is dropped.
///
/// Items wait in a bounded queue; a reader that is too slow finds [`Delivered::Missed`] in the place
/// of what there was no room for.
#[must_use = "it ends when it is dropped"]
pub struct Subscription<C: Caller + Send + 'static, R: Runtime, T> {
    client: Client<C, R>,
    opener: Opener<C::Family, <C::Family as Family>::Item, T>,
    id: Option<SubscriptionId>,
    capacity: usize,
    /// An item that can't be read before an answer was learnt from.
    fetching: Option<Fetching<C::Family>>,
    over: bool,
}

struct Fetching<F: Family> {
    seat: Key,
    item: F::Item,
    learn: Learn<F>,
    needs: u16,
}

impl<C: Caller + Send + 'static, R: Runtime, T: 'static> Subscription<C, R, T> {
    pub(crate) fn new(client: Client<C, R>, listen: Listen<C::Family, T>) -> Self {
        let Listen { listen, opener, capacity } = listen;
        let id = client.subscribe(listen, capacity);
        Self { client, opener, id, capacity, fetching: None, over: false }
    }

    /// Waits until the peer has registered it: what happens there from then on is delivered.
    pub fn registered(
        &mut self,
    ) -> impl Future<Output = Result<(), <C::Family as Family>::Error>> + Send + '_ {
        let (client, id) = (&self.client, self.id);
        poll_fn(move |cx| match id {
            Some(id) => client.poll_registered(cx, id),
            None => Poll::Ready(Err(client.end())),
        })
    }

    /// Who runs it.
    pub fn client(&self) -> &Client<C, R> {
        &self.client
    }

    /// The next item; `None` when it has ended.
    pub async fn next(&mut self) -> Option<Delivery<T, C::Family>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery<T, C::Family>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let Some(id) = self.id else {
            self.over = true;
            return Poll::Ready(Some(Err(self.client.end())));
        };
        if self.fetching.is_some() {
            return self.poll_fetched(cx);
        }
        match ready!(self.client.poll_next(cx, id)) {
            Next::Delivered(delivered, room) => {
                // Asked for in halves, so that one item isn't one request.
                if room == self.capacity.div_ceil(2) || room == self.capacity {
                    self.client.demand(id, room);
                }
                match delivered {
                    Delivered::Missed(count) => Poll::Ready(Some(Ok(Delivered::Missed(count)))),
                    Delivered::Item(item) => self.open(cx, item, 0),
                }
            }
            Next::Ended(end) => {
                self.over = true;
                Poll::Ready(end.err().map(Err))
            }
        }
    }

    fn open(
        &mut self,
        cx: &mut Context<'_>,
        item: <C::Family as Family>::Item,
        needs: u16,
    ) -> Poll<Option<Delivery<T, C::Family>>> {
        match self.opener.open(&item, self.client.codec()) {
            Ok(value) => Poll::Ready(Some(Ok(Delivered::Item(value)))),
            Err(Unopened::Failed(error)) => Poll::Ready(Some(Err(error))),
            Err(Unopened::Needs(_)) if needs == NEEDS => {
                let endless = Failure::Overloaded("the item needs too much to be read");
                Poll::Ready(Some(Err(endless.into())))
            }
            Err(Unopened::Needs(Need { plan, learn })) => {
                match self.client.submit(Order::new(plan), cx.waker()) {
                    Ok(seat) => {
                        let needs = needs + 1;
                        self.fetching = Some(Fetching { seat, item, learn, needs });
                        self.poll_fetched(cx)
                    }
                    Err(error) => Poll::Ready(Some(Err(error))),
                }
            }
        }
    }

    fn poll_fetched(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery<T, C::Family>>> {
        let Some(fetching) = &self.fetching else { return Poll::Pending };
        let end = ready!(self.client.poll_call(cx, fetching.seat));
        let Some(Fetching { item, learn, needs, .. }) = self.fetching.take() else {
            return Poll::Pending;
        };
        match end.and_then(|answer| learn(&answer, self.client.codec())) {
            Ok(()) => self.open(cx, item, needs),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

// Nothing in it is pinned.
impl<C: Caller + Send + 'static, R: Runtime, T> Unpin for Subscription<C, R, T> {}

impl<C: Caller + Send + 'static, R: Runtime, T: 'static> Stream for Subscription<C, R, T> {
    type Item = Delivery<T, C::Family>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(cx)
    }
}

impl<C: Caller + Send + 'static, R: Runtime, T> Drop for Subscription<C, R, T> {
    fn drop(&mut self) {
        if let Some(fetching) = self.fetching.take() {
            self.client.abandon(fetching.seat, None);
        }
        if let Some(id) = self.id.take() {
            self.client.unsubscribe(id);
        }
    }
}

impl<C: Caller + Send + 'static, R: Runtime, T> fmt::Debug for Subscription<C, R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("id", &self.id).finish_non_exhaustive()
    }
}
